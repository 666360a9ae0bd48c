import { fromArrayBuffer } from 'geotiff';
import { describe, expect, it } from 'vitest';
import { type TiffLayout, tiffPreamble } from '../../../src/sandbox/geotiff_writer.ts';

const layout: TiffLayout = {
  width: 3,
  height: 5,
  bands: 2,
  bitsPerSample: 16,
  sampleFormat: 2,
  rowsPerStrip: 2,
  fields: [
    { tag: 262, type: 'short', values: [1] },
    { tag: 42113, type: 'ascii', values: '-7' },
    { tag: 33550, type: 'double', values: [0.5, 0.25, 0] },
  ],
};

describe('tiffPreamble', () => {
  it('followed by the pixels is a TIFF that geotiff reads back', async () => {
    const samples = Int16Array.from({ length: 30 }, (_, index) => index * 1000 - 15_000);
    const preamble = tiffPreamble(layout);
    const file = new Uint8Array(preamble.length + samples.byteLength);
    file.set(preamble);
    file.set(new Uint8Array(samples.buffer), preamble.length);
    const image = await (await fromArrayBuffer(file.buffer)).getImage();
    expect([image.getWidth(), image.getHeight(), image.getSamplesPerPixel()]).toEqual([3, 5, 2]);
    expect(image.getGDALNoData()).toBe(-7);
    expect(Array.from(image.fileDirectory.getValue('ModelPixelScale') ?? [])).toEqual([
      0.5, 0.25, 0,
    ]);
    const values = await image.readRasters({ interleave: true });
    expect(Array.from(values)).toEqual(Array.from(samples));
  });

  it('sorts the fields by tag, as TIFF demands', () => {
    const bytes = tiffPreamble(layout);
    const tags = Array.from({ length: bytes.readUInt16LE(8) }, (_, index) =>
      bytes.readUInt16LE(10 + index * 12),
    );
    expect(tags).toEqual([...tags].sort((a, b) => a - b));
  });

  it('refuses more than a classic TIFF can hold', () => {
    const huge = { ...layout, width: 70_000, height: 70_000, rowsPerStrip: 70_000 };
    expect(() => tiffPreamble(huge)).toThrow('4 GiB');
  });
});

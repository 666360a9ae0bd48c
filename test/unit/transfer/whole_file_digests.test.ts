import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCrc32c } from '../../../src/transfer/checksums/crc32c.ts';
import { crc32cOfSegments } from '../../../src/transfer/checksums/whole_file_digests.ts';

const sumOf = (bytes: Uint8Array) => {
  const crc = createCrc32c();
  crc.update(bytes);
  return crc.value();
};

describe('the checksum of a file from those of its segments', () => {
  it('is that of the file, however it was cut and in whatever order the segments came', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5_000 }),
        fc.array(fc.nat(5_000), { maxLength: 8 }),
        (bytes, cuts) => {
          const edges = [
            ...new Set([0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]),
          ];
          const segments = edges
            .sort((a, b) => a - b)
            .slice(1)
            .map((end, i) => ({ start: edges[i] ?? 0, end }))
            .map(({ start, end }) => ({ start, end, crc32c: sumOf(bytes.subarray(start, end)) }))
            .reverse();
          expect(crc32cOfSegments(segments, bytes.length)).toBe(sumOf(bytes));
        },
      ),
    );
  });

  it.each([
    [
      'a gap',
      [
        [0, 4],
        [5, 9],
      ],
      9,
    ],
    [
      'an overlap',
      [
        [0, 5],
        [4, 9],
      ],
      9,
    ],
    ['a missing end', [[0, 5]], 9],
    ['a missing beginning', [[1, 9]], 9],
  ])('is refused for %s', (_what, extents, bytes) => {
    const segments = extents.map(([start = 0, end = 0]) => ({ start, end, crc32c: 0 }));
    expect(() => crc32cOfSegments(segments, bytes)).toThrow(RangeError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formParts } from '../../../../src/sandbox/geolens/form_file.ts';

const BOUNDARY = '----limit';

interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly content: Buffer;
}

function formOf(parts: readonly Part[]): Buffer {
  const written = parts.map(({ name, filename, content }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n')]);
  });
  return Buffer.concat([...written, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function read(body: AsyncIterable<Buffer>): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const { name, filename, bytes } of formParts(body, BOUNDARY)) {
    const chunks: Buffer[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    parts.push({ name, filename, content: Buffer.concat(chunks) });
  }
  return parts;
}

const word = fc.stringMatching(/^[a-z0-9. é-]{0,12}$/);
/** Bytes like those that divide parts, among others. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('\r\n', '\r\n--', `\r\n${BOUNDARY}`, '--', '\r')
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => Buffer.concat(pieces))
  .filter((bytes) => !bytes.includes(`\r\n--${BOUNDARY}`));
const part = fc.record({ name: word, filename: fc.option(word, { nil: undefined }), content });
const cuts = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 });

describe('a form', () => {
  it('is read whatever its parts hold and wherever its pieces end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), cuts, async (parts, sizes) => {
        expect(await read(inPieces(formOf(parts), sizes))).toEqual(parts);
      }),
    );
  });

  it('passes over parts that nobody reads', async () => {
    const parts = ['a', 'b', 'c'].map((name) => ({
      name,
      filename: undefined,
      content: Buffer.alloc(100_000, name),
    }));
    const names: string[] = [];
    for await (const { name } of formParts(inPieces(formOf(parts), [7, 70_000]), BOUNDARY)) {
      names.push(name);
    }
    expect(names).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['that ends early', formOf([]).subarray(0, -6)],
    ['with a part that has no name', Buffer.from(`--${BOUNDARY}\r\nA: b\r\n\r\n`)],
    ['with a delimiter that goes on', Buffer.from(`--${BOUNDARY}!\r\n`)],
    ['with endless headers', Buffer.from(`--${BOUNDARY}\r\nA: ${'b'.repeat(20_000)}`)],
    ['that is empty', Buffer.alloc(0)],
  ])('%s is refused', async (_what, body) => {
    await expect(read(inPieces(body, []))).rejects.toThrow(/form|part/i);
  });
});

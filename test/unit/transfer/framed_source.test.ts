import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framedSource } from '../../../src/transfer/sources/framed_source.ts';
import { memorySource } from '../../../src/transfer/sources/memory_source.ts';
import type { SourceRange, UploadSource } from '../../../src/transfer/sources/upload_source.ts';

const { signal } = new AbortController();

async function read(source: UploadSource, range?: SourceRange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // A chunk is only good until the next one.
  for await (const chunk of source.chunks(signal, range)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe('a source in a frame', () => {
  it('is what stands before, the bytes, and what stands after; and so is any range of it', async () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const framed = fc.tuple(bytes, bytes, bytes, fc.nat(120), fc.nat(120));
    await fc.assert(
      fc.asyncProperty(framed, async ([before, inner, after, one, other]) => {
        const whole = Buffer.concat([before, inner, after]);
        const source = framedSource(memorySource(inner), { before, after });
        expect(source.size).toBe(whole.length);
        expect(await read(source)).toEqual(whole);
        const [start, end] = [one, other].map((at) => Math.min(at, whole.length));
        const range = {
          start: Math.min(start ?? 0, end ?? 0),
          end: Math.max(start ?? 0, end ?? 0),
        };
        expect(await read(source, range)).toEqual(whole.subarray(range.start, range.end));
      }),
    );
  });

  it('asks the source only for bytes of its own, closes it, and is as remote as it is', async () => {
    const asked: (SourceRange | undefined)[] = [];
    let closed = 0;
    const remote: UploadSource = {
      ...memorySource(Buffer.from('0123456789')),
      isRemote: true,
      chunks(_signal, range) {
        asked.push(range);
        return memorySource(Buffer.from('0123456789')).chunks(signal, range);
      },
      close: async () => {
        closed += 1;
      },
    };
    const framed = framedSource(remote, { before: Buffer.from('<<<'), after: Buffer.from('>') });
    expect(await read(framed, { start: 0, end: 3 })).toEqual(Buffer.from('<<<'));
    expect(await read(framed, { start: 13, end: 14 })).toEqual(Buffer.from('>'));
    expect(asked).toEqual([]);
    expect(await read(framed, { start: 2, end: 5 })).toEqual(Buffer.from('<01'));
    expect(asked).toEqual([{ start: 0, end: 2 }]);
    await framed.close();
    expect([closed, framed.isRemote]).toEqual([1, true]);
    expect(
      framedSource(memorySource(Buffer.of(1)), { before: Buffer.of(), after: Buffer.of() })
        .isRemote,
    ).toBeUndefined();
  });

  it('gives nothing to whoever has cancelled', async () => {
    const source = framedSource(memorySource(Buffer.of(1)), {
      before: Buffer.of(2),
      after: Buffer.of(3),
    });
    const reason = new Error('cancelled');
    await expect(source.chunks(AbortSignal.abort(reason)).next()).rejects.toBe(reason);
  });
});

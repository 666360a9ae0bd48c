import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';

/** Node cannot make one itself. */
const MAKE_FIFO = 'mkfifo';
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'source-'));
  await writeFile(join(root, 'file'), 'abc');
  await mkdir(join(root, 'folder'));
  await symlink(join(root, 'file'), join(root, 'link'));
  execFileSync(MAKE_FIFO, [join(root, 'fifo')]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('opening a source', () => {
  it.each([
    ['gone', 'source_missing'],
    ['file/under', 'source_missing'],
    ['folder', 'source_not_a_file'],
    ['link', 'source_not_a_file'],
    ['fifo', 'source_not_a_file'],
    ['../../dev/null', 'source_not_a_file'],
  ])('%s: %s', async (name, code) => {
    await expect(openSourceFile(join(root, name))).rejects.toMatchObject({
      code,
      retryable: false,
    });
  });

  it('states its size, and two readers at once each get all of it', async () => {
    const bytes = Buffer.alloc(3_000_001, 'geo');
    await writeFile(join(root, 'big'), bytes);
    const source = await openSourceFile(join(root, 'big'));
    const { signal } = new AbortController();
    const readers = [source.chunks(signal), source.chunks(signal)];
    const read = await Promise.all(
      readers.map(async (chunks) => {
        const copies: Buffer[] = [];
        for await (const chunk of chunks) {
          copies.push(Buffer.from(chunk));
        }
        return copies;
      }),
    );
    await source.close();
    expect(source.size).toBe(bytes.length);
    for (const copies of read) {
      expect(Buffer.concat(copies).equals(bytes)).toBe(true);
      expect(copies.map(({ length }) => length).slice(0, 3)).toEqual([65_536, 262_144, 262_144]);
    }
  });

  it('gives any range of it, and from 1 MiB on a small first chunk', async () => {
    const bytes = Buffer.alloc(3_000_001);
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(at, Math.min(at, 2_999_997));
    await writeFile(join(root, 'ranged'), bytes);
    const source = await openSourceFile(join(root, 'ranged'));
    const { signal } = new AbortController();
    const place = fc.oneof(
      fc.nat(bytes.length),
      fc.constantFrom(0, 65_536, 1_048_576, bytes.length),
    );
    await fc.assert(
      fc.asyncProperty(place, place, async (one, other) => {
        const [start, end] = [Math.min(one, other), Math.max(one, other)];
        const copies: Buffer[] = [];
        for await (const chunk of source.chunks(signal, { start, end })) {
          copies.push(Buffer.from(chunk));
        }
        expect(Buffer.concat(copies).equals(bytes.subarray(start, end))).toBe(true);
        expect(copies[0]?.length === 65_536).toBe(
          end - start >= 1_048_576 || end - start === 65_536,
        );
      }),
      { numRuns: 60 },
    );
    await source.close();
  });

  it('stops reading with its signal', async () => {
    const source = await openSourceFile(join(root, 'file'));
    const chunks = source.chunks(AbortSignal.abort(new Error('enough')));
    await expect(chunks.next()).rejects.toThrow('enough');
    await source.close();
  });
});

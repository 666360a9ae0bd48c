import { link, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { PartialDownload } from '../../../src/transfer/downloads/partial_download.ts';

let at = '';

afterEach(() => rm(at, { recursive: true, force: true }));

it('to begin anew touches no file that was given its name meanwhile', async () => {
  at = await mkdtemp(join(tmpdir(), 'partial-'));
  const target = join(at, 'a.tif');
  const partial = await PartialDownload.open(target, undefined, 0);
  await partial.begin({ total: 5, etag: '"v1"' }, 5);
  await partial.part.write(Buffer.from('whole'), 0);
  const [part = ''] = await readdir(at);
  await link(join(at, part), target);
  await partial.begin({ total: 9, etag: '"v2"' }, 9);
  expect(await readFile(target, 'utf8')).toBe('whole');
  expect(await readdir(at)).toHaveLength(2);
  await partial.discard();
  expect(await readdir(at)).toEqual(['a.tif']);
});

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DownloadJournal } from '../../../src/transfer/download_journal.ts';
import { ownIdentity } from '../../../src/transfer/process_identity.ts';

it('what a process that is gone was just about to write goes, and nothing else', async () => {
  const base = await mkdtemp(join(tmpdir(), 'journals-'));
  const folder = join(base, 'downloads');
  await mkdir(folder);
  const { pid, started = '' } = await ownIdentity();
  const name = (owner: string) => `aaaaaaaaaaaaaaaa.${owner}.bbbbbbbb.jsonl`;
  const stays = [
    `${name(`${pid}-${started}`)}.new`,
    name('left'),
    'notes.new',
    `${name(`${pid}-${started}`)}`,
  ];
  // No process has had both this id and this start.
  const goes = `${name(`${pid}-1`)}.new`;
  for (const file of [...stays, goes]) await writeFile(join(folder, file), '');
  const journal = await DownloadJournal.create(folder, 'asset', join(base, 'scene.tif'));
  expect(await journal.takeOver()).toBeUndefined();
  expect((await readdir(folder)).sort()).toEqual(stays.sort());
  await rm(base, { recursive: true });
});

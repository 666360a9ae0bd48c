import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  bytesIn,
  DownloadJournal,
  findJournals,
  removeLeftDownload,
} from '../../../src/transfer/downloads/download_journal.ts';
import type { JournalHead } from '../../../src/transfer/downloads/download_journal_format.ts';
import { contents, folder } from '../../faults/transfer/fixtures.ts';

const IDENTITY = '["asset","it_1","visual"]';

async function place() {
  const at = await folder();
  const target = join(at, 'scene.tif');
  const head: JournalHead = {
    identity: IDENTITY,
    target,
    part: join(at, '.scene.tif.abcdefgh.part'),
    version: { total: 100, etag: '"v1"' },
    startedAt: 0,
  };
  return { at, target, head, journals: join(await folder(), 'state', 'downloads') };
}

const journalOf = ({ journals, target }: { journals: string; target: string }) =>
  DownloadJournal.create(journals, IDENTITY, target);

describe('a journal that was left', () => {
  it('is taken over by whoever asks for the same download, with all it says', async () => {
    const it = await place();
    const journal = await journalOf(it);
    await journal.begin(it.head, [{ start: 0, end: 10, crc32c: 1 }]);
    await journal.append([{ start: 50, end: 60, crc32c: 2 }]);
    await journal.leave();
    const state = await (await journalOf(it)).takeOver();
    expect(state?.head).toEqual(it.head);
    expect(state && bytesIn(state)).toBe(20);
  });

  it('is taken over by one only, however many ask', async () => {
    const it = await place();
    const journal = await journalOf(it);
    await journal.begin(it.head);
    await journal.leave();
    const asked = Array.from({ length: 8 }, async () => (await journalOf(it)).takeOver());
    const states = await Promise.all(asked);
    expect(states.filter((state) => state !== undefined).length).toBe(1);
  });

  it('is the furthest, where there are several', async () => {
    const it = await place();
    for (const end of [10, 90, 40]) {
      const journal = await journalOf(it);
      await journal.begin(it.head, [{ start: 0, end, crc32c: 1 }]);
      await journal.leave();
    }
    const state = await (await journalOf(it)).takeOver();
    expect(state && bytesIn(state)).toBe(90);
  });

  it('is not taken from a process that runs', async () => {
    const it = await place();
    const journal = await journalOf(it);
    await journal.begin(it.head);
    expect(await (await journalOf(it)).takeOver()).toBeUndefined();
    expect((await findJournals(it.journals))[0]?.owner?.pid).toBe(process.pid);
  });

  it('is found where its process is gone, whatever else lies there', async () => {
    const it = await place();
    const journal = await journalOf(it);
    await journal.begin(it.head);
    await journal.leave();
    await mkdir(join(it.journals, 'folder.jsonl'));
    await writeFile(join(it.journals, 'x.jsonl'), 'x');
    await writeFile(join(it.journals, 'AAAAAAAAAAAAAAAA.left.AAAAAAAA.jsonl'), '');
    const found = await findJournals(it.journals);
    expect(found.map(({ state, owner }) => [state.head.target, owner])).toEqual([
      [it.target, undefined],
    ]);
  });

  it('goes with its bytes, and with nothing else that it might name', async () => {
    const it = await place();
    await writeFile(it.head.part, 'part');
    const innocent = join(it.at, 'innocent.tif');
    await writeFile(innocent, 'innocent');
    for (const part of [it.head.part, innocent]) {
      const journal = await journalOf(it);
      await journal.begin({ ...it.head, part });
      await journal.leave();
    }
    for (const found of await findJournals(it.journals))
      await removeLeftDownload(it.journals, found);
    expect(Object.keys(await contents(it.at))).toEqual(['innocent.tif']);
    expect(await readdir(it.journals)).toEqual([]);
  });
});

describe('a journal that is removed', () => {
  it('is not, nor are its bytes, if it was taken over since it was found', async () => {
    const it = await place();
    const journal = await journalOf(it);
    await writeFile(it.head.part, 'part');
    await journal.begin(it.head, [{ start: 0, end: 4, crc32c: 1 }]);
    await journal.leave();
    const [found] = await findJournals(it.journals);
    if (found === undefined) throw new Error('no journal was found');
    await (await journalOf(it)).takeOver();
    await removeLeftDownload(it.journals, found);
    expect(Object.keys(await contents(it.at))).toEqual(['.scene.tif.abcdefgh.part']);
    expect(await readdir(it.journals)).toHaveLength(1);
  });

  it('stays, in nobody’s hand, if its bytes cannot be removed', async () => {
    const it = await place();
    const journal = await journalOf(it);
    await mkdir(it.head.part);
    await journal.begin(it.head);
    await journal.leave();
    const [found] = await findJournals(it.journals);
    if (found === undefined) throw new Error('no journal was found');
    await expect(removeLeftDownload(it.journals, found)).rejects.toThrow();
    expect(await findJournals(it.journals)).toEqual([found]);
  });
});

describe('the files of journals', () => {
  it('are for their owner alone', async () => {
    const it = await place();
    await (await journalOf(it)).begin(it.head);
    const [name = ''] = await readdir(it.journals);
    expect((await stat(it.journals)).mode & 0o777).toBe(0o700);
    expect((await stat(join(it.journals, name))).mode & 0o777).toBe(0o600);
  });

  it('are gone when the download is', async () => {
    const it = await place();
    const journal = await journalOf(it);
    await journal.begin(it.head);
    await journal.begin(it.head);
    await journal.remove();
    expect(await readdir(it.journals)).toEqual([]);
  });

  it('are none where there is no folder', async () => {
    expect(await findJournals(join(await folder(), 'none'))).toEqual([]);
  });
});

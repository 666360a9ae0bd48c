import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isFateUnknown } from '../../../../src/connectors/http/service_error.ts';
import { SessionTakenOver } from '../../../../src/connectors/session_taken_over.ts';
import { lateStagingJournal } from '../../../../src/connectors/staging/late_staging_journal.ts';
import { stagedRecords } from '../../../../src/connectors/staging/staged_record.ts';

let base: string;
let folder: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'staging-'));
  folder = join(base, 'services');
});

afterEach(async () => {
  vi.useRealTimers();
  await rm(base, { recursive: true, force: true });
});

function journal(path = folder) {
  const warnings: string[] = [];
  const log = {
    info: () => undefined,
    warn: (_: object, words: string) => warnings.push(words),
  };
  const at = { service: 'opteryx', baseUrl: 'https://upload.test' } as const;
  return { warnings, journal: lateStagingJournal({ folder: path, log }, at, 'somebody') };
}

const upload = {
  service: 'opteryx',
  flow: 'opteryx_session',
  id: 's_1',
  expiresAt: '2026-01-01T06:00:00Z',
} as const;

async function noted() {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return { names, texts, records: texts.map(stagedRecords.read) };
}

describe('the journal of uploads to services', () => {
  it('makes no folder before there is an upload', async () => {
    expect(journal().journal.account).toMatchObject({ api: 'https://upload.test' });
    expect(await readdir(base)).toEqual([]);
  });

  it('holds one file an upload, which goes with it', async () => {
    const { journal: mine } = journal();
    const entry = await mine.begin(upload);
    const known = {
      v: 1,
      service: 'opteryx',
      flow: 'opteryx_session',
      id: 's_1',
      account: mine.account,
      expiresAt: Date.parse(upload.expiresAt),
    };
    expect((await noted()).records).toMatchObject([{ ...known, step: 'send' }]);
    await entry.finishing();
    expect((await noted()).records).toMatchObject([{ ...known, step: 'finish' }]);
    expect((await noted()).texts.join('')).not.toContain('somebody');
    await entry.remove();
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves what it is told to leave, in nobody’s hand', async () => {
    const entry = await journal().journal.begin(upload);
    await entry.leave();
    expect((await noted()).names).toEqual([expect.stringMatching(/^.{16}\.left\.json$/)]);
  });

  it('leaves what was refused to be finished to be removed', async () => {
    const entry = await journal().journal.begin(upload);
    await entry.finishing();
    await entry.leave();
    expect((await noted()).records).toMatchObject([{ step: 'send' }]);
  });

  it('touches a record while its upload goes on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const entry = await journal().journal.begin(upload);
    const [name = ''] = await readdir(folder);
    const path = join(folder, name);
    await utimes(path, 1, 1);
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(async () => expect((await stat(path)).mtimeMs).toBeGreaterThan(1_000_000));
    await entry.remove();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('warns once where it cannot write, and lets the upload go on', async () => {
    await writeFile(join(base, 'file'), '');
    const { journal: blocked, warnings } = journal(join(base, 'file', 'services'));
    for (let turn = 0; turn < 2; turn += 1) {
      const entry = await blocked.begin(upload);
      await entry.finishing();
      await entry.leave();
      await entry.remove();
    }
    expect(warnings).toHaveLength(1);
  });

  it.each(['left', '77-5-0123abcd-4567cdef'])(
    'lets no upload be finished that was taken over: %s',
    async (taker) => {
      const { journal: mine, warnings } = journal();
      const entry = await mine.begin(upload);
      const [name = ''] = await readdir(folder);
      const theirs = join(folder, name.replace(/\.[\w-]+\.json$/, `.${taker}.json`));
      await rename(join(folder, name), theirs);
      const refused: unknown = await entry.finishing().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(SessionTakenOver);
      // It was not asked to finish, so what is staged may be removed.
      expect(isFateUnknown(refused)).toBe(false);
      await entry.leave();
      const { names, records } = await noted();
      expect(names).toEqual([basename(theirs)]);
      expect(records).toMatchObject([{ step: 'send' }]);
      expect(warnings).toEqual([]);
    },
  );
});

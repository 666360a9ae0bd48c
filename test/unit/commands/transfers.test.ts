import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { readRequest } from '../../../src/command_line.ts';
import { listTransfers } from '../../../src/commands/transfer_list.ts';
import { runTransfers } from '../../../src/commands/transfers.ts';
import { DownloadJournal } from '../../../src/transfer/downloads/download_journal.ts';
import { partPathFor } from '../../../src/transfer/files/part_file.ts';
import { SessionFolder } from '../../../src/workflows/session_folder.ts';
import { sessionRecord } from '../workflows/session_records.ts';

const entry = z.object({ kind: z.string(), record: z.string().optional() }).passthrough();
const cleaned = z.object({
  cleaned: z.array(entry),
  not_cleaned: z.array(entry.extend({ reason: z.string() })),
});

/** Nobody listens there. */
const API = 'http://127.0.0.1:9';

let base: string;
let uploads: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'transfers-'));
  uploads = join(base, 'state', 'uploads');
  await mkdir(uploads, { recursive: true });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(base, { recursive: true, force: true });
});

async function left(api: string, heldUntil = 0): Promise<void> {
  const file = await new SessionFolder(uploads).create();
  await file.write(sessionRecord({ account: { api, fingerprint: 'other' }, heldUntil }));
  await file.leave();
}

/** What `clean` prints, and how it ends. */
async function clean(env: NodeJS.ProcessEnv) {
  const argv = ['transfers', 'clean', '--json', '--state-dir', join(base, 'state')];
  const request = readRequest(argv, { GEOPERA_API_URL: API, ...env });
  if (request.kind !== 'run') throw new Error('not a command to run');
  const written: unknown[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(text);
    return true;
  });
  const failure = await runTransfers(request.config).catch((error: unknown) => error);
  write.mockRestore();
  return { ...cleaned.parse(JSON.parse(String(written[0]))), failure };
}

describe('transfers clean', () => {
  it('says how to get rid of a record that no key of this address releases', async () => {
    await left('https://elsewhere.test');
    const { not_cleaned: stuck, failure } = await clean({ GEOPERA_API_TOKEN: 'gpra_x' });
    const [name = ''] = await readdir(uploads);
    expect(stuck.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(new RegExp(`https://elsewhere\\.test.* remove .*${name}$`)),
    ]);
    expect(failure).toBeInstanceOf(Error);
  });

  it('does not say so of one that can be released once the API is back', async () => {
    await left(API);
    const { not_cleaned: stuck } = await clean({ GEOPERA_API_TOKEN: 'gpra_x' });
    expect(stuck.map(({ reason }) => reason)).toEqual([expect.not.stringContaining('remove')]);
  });

  it('leaves alone a session whose files may still come by links of others', async () => {
    await left(API, Date.now() + 60_000);
    expect(await clean({ GEOPERA_API_TOKEN: 'gpra_x' })).toEqual({ cleaned: [], not_cleaned: [] });
    expect(await listTransfers(join(base, 'state'))).toMatchObject([{ state: 'awaited' }]);
  });

  it('says of a record that it cannot read that it is gone only where it is', async () => {
    const path = join(uploads, 'aaaaaaaaaaaaaaaa.left.json');
    await writeFile(path, '{');
    expect((await clean({})).not_cleaned).toMatchObject([
      { reason: expect.not.stringContaining('was removed') },
    ]);
    expect(await readdir(uploads)).toHaveLength(1);
    expect((await clean({ GEOPERA_API_TOKEN: 'gpra_x' })).not_cleaned).toMatchObject([
      { reason: expect.stringContaining('was removed') },
    ]);
    expect(await readdir(uploads)).toEqual([]);
  });

  it('removes the other downloads where one cannot be removed', async () => {
    const version = { total: 100, etag: '"1"' };
    for (const name of ['stuck.tif', 'left.tif']) {
      const target = join(base, name);
      const part = partPathFor(target);
      if (name === 'stuck.tif') await mkdir(part);
      else await writeFile(part, 'partial');
      const journals = join(base, 'state', 'downloads');
      const journal = await DownloadJournal.create(journals, 'asset', target);
      await journal.begin({ identity: 'asset', target, part, version, startedAt: 0 });
      await journal.leave();
    }
    expect(await clean({})).toMatchObject({
      cleaned: [{ files: [join(base, 'left.tif')] }],
      not_cleaned: [{ files: [join(base, 'stuck.tif')], reason: expect.any(String) }],
    });
  });
});

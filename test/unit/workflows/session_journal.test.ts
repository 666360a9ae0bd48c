import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import { createSessionJournal } from '../../../src/workflows/journaled_sessions.ts';
import { reserve } from '../../../src/workflows/reservation.ts';
import { readSessionRecord } from '../../../src/workflows/session_record.ts';
import type { FakeAnswers } from '../geopera/fake_geopera.ts';
import { never } from '../jobs/held_transfers.ts';
import { HERE, sessionRecord } from './session_records.ts';
import { workflowWorld } from './workflow_world.ts';

let base: string;
let folder: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'journal-'));
  folder = join(base, 'uploads');
});

afterEach(async () => {
  vi.useRealTimers();
  await rm(base, { recursive: true, force: true });
});

const { projectId, files, bytes, initiate } = sessionRecord();

function journal(path = folder) {
  const warnings: string[] = [];
  const log = {
    info: () => undefined,
    warn: (_: object, words: string) => warnings.push(words),
    error: () => undefined,
  };
  return { warnings, journal: createSessionJournal({ folder: path, account: HERE, log }) };
}

async function recordsIn(path: string) {
  const names = await readdir(path);
  const read = names.map(async (name) =>
    readSessionRecord(await readFile(join(path, name), 'utf8')),
  );
  return { names, records: await Promise.all(read) };
}

describe('the journal of sessions', () => {
  it('holds one file a session, which goes with it', async () => {
    const entry = await journal().journal.begin({ projectId, files, bytes });
    await entry.intend(initiate, 'first');
    await entry.intend({ ...initiate, transfer_method: 'cli' }, 'second');
    const asked = { projectId, files, bytes, account: HERE, idempotencyKey: 'second' };
    expect((await recordsIn(folder)).records).toMatchObject([
      { ...asked, initiate: { transfer_method: 'cli' }, step: 'initiate' },
    ]);
    await entry.note({ uploadId: 'u_1', step: 'transfer' });
    await entry.note({ step: 'complete' });
    expect((await recordsIn(folder)).records).toMatchObject([
      { ...asked, uploadId: 'u_1', step: 'complete' },
    ]);
    await entry.remove();
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves what it is told to leave, in nobody’s hand', async () => {
    const entry = await journal().journal.begin({ projectId, files, bytes });
    await entry.intend(initiate, 'key');
    await entry.note({ heldUntil: 5 });
    expect(await entry.leave()).toBe(true);
    expect((await recordsIn(folder)).names).toEqual([expect.stringMatching(/^.{16}\.left\.json$/)]);
    expect((await recordsIn(folder)).records).toMatchObject([{ heldUntil: 5 }]);
  });

  it('touches a record while its session lives', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const entry = await journal().journal.begin({ projectId, files, bytes });
    await entry.intend(initiate, 'key');
    const [name = ''] = await readdir(folder);
    const path = join(folder, name);
    await utimes(path, 1, 1);
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(async () => expect((await stat(path)).mtimeMs).toBeGreaterThan(1_000_000));
    await entry.remove();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells with the next note what it could not write before', async () => {
    const entry = await journal().journal.begin({ projectId, files, bytes });
    await entry.intend(initiate, 'key');
    const [name = ''] = await readdir(folder);
    const inTheWay = join(folder, `${name}.new`);
    await mkdir(inTheWay);
    await entry.note({ uploadId: 'u_1', step: 'transfer' });
    await rm(inTheWay, { recursive: true });
    await entry.note({ step: 'complete' });
    expect((await recordsIn(folder)).records).toMatchObject([
      { uploadId: 'u_1', step: 'complete' },
    ]);
    await entry.remove();
  });

  it('warns once where it cannot write, and lets the session go on', async () => {
    await writeFile(join(base, 'file'), '');
    const { journal: blocked, warnings } = journal(join(base, 'file', 'uploads'));
    for (let session = 0; session < 2; session += 1) {
      const entry = await blocked.begin({ projectId, files, bytes });
      await entry.intend(initiate, 'key');
      await entry.note({ uploadId: 'u' });
      expect(await entry.leave()).toBe(false);
      await entry.remove();
    }
    expect(warnings).toHaveLength(1);
  });
});

describe('a session whose process was taken for gone', () => {
  /** A session of this process, and its record. */
  async function begun() {
    const { journal: mine, warnings } = journal();
    const entry = await mine.begin({ projectId, files, bytes });
    await entry.intend(initiate, 'key');
    await entry.note({ uploadId: 'u_1', step: 'transfer' });
    const [name = ''] = await readdir(folder);
    return { entry, path: join(folder, name), warnings };
  }

  it.each(['left', '77-5-0123abcd-4567cdef'])('is not its own any more: %s', async (taker) => {
    const { entry, path, warnings } = await begun();
    expect(await entry.mayComplete(never())).toBe(true);
    const theirs = path.replace(/\.[\w-]+\.json$/, `.${taker}.json`);
    await rename(path, theirs);
    await entry.note({ step: 'complete' });
    expect(await entry.mayComplete(never())).toBe(false);
    expect(await entry.leave()).toBe(true);
    const { names, records } = await recordsIn(folder);
    expect(names).toEqual([basename(theirs)]);
    expect(records).toMatchObject([{ step: 'transfer' }]);
    await entry.remove();
    expect(await readdir(folder)).toEqual([basename(theirs)]);
    expect(warnings).toEqual([]);
  });

  it('is completed all the same where nothing of it can be seen', async () => {
    const { entry } = await begun();
    await rm(folder, { recursive: true });
    expect(await entry.mayComplete(never())).toBe(true);
  });
});

describe('a reservation', () => {
  const request = {
    projectId,
    files: [{ fileName: 'a.tif', contentType: 'image/tiff', open: () => openSourceFile('/a.tif') }],
  };

  async function reserved(call: FakeAnswers['call']) {
    const { context, geopera } = workflowWorld({ call });
    const entry = await journal().journal.begin({ projectId, files, bytes });
    const id = await reserve(request, bytes, entry, context).catch(() => undefined);
    return { id, geopera, ...(await recordsIn(folder)) };
  }

  it('is on disk before it is asked for, and with its id once that is heard', async () => {
    const before: unknown[] = [];
    const { records } = await reserved(async () => {
      before.push(...(await recordsIn(folder)).records);
      return { id: 'u_1' };
    });
    expect(before).toMatchObject([{ step: 'initiate', bytes }]);
    expect(before[0]).not.toHaveProperty('uploadId');
    expect(records).toMatchObject([{ step: 'transfer', uploadId: 'u_1' }]);
  });

  it('has another key for another transfer method', async () => {
    const { records, geopera } = await reserved(async (operationId, input) => {
      if (JSON.stringify(input).includes('"cli"')) return { id: 'u_1' };
      const facts = { operationId, detail: 'no', status: 422 };
      const fields = [{ field: 'transfer_method', message: 'no' }];
      throw new GeoperaError({ kind: 'invalid_input', ...facts, fields });
    });
    const [first, second] = geopera.calls.map(({ idempotencyKey }) => idempotencyKey);
    expect(first).not.toBe(second);
    expect(records).toMatchObject([
      { idempotencyKey: second, initiate: { transfer_method: 'cli' } },
    ]);
  });

  it.each([
    ['refused', false, []],
    ['not heard', true, [expect.stringMatching(/\.left\.json$/)]],
  ])('that was %s leaves behind what may be open', async (_how, fateUnknown, left) => {
    const { names } = await reserved(async (operationId) => {
      const kind = fateUnknown ? 'unreachable' : 'payment_required';
      throw new GeoperaError({ kind, operationId, detail: 'no', fateUnknown });
    });
    expect(names).toEqual(left);
  });
});

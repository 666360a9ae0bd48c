import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GeoperaError, type GeoperaErrorKind } from '../../../src/geopera/geopera_error.ts';
import { ownerInName, ownRecordOwner } from '../../../src/transfer/records/record_owner.ts';
import { releaseCrashedSession } from '../../../src/workflows/crashed_session.ts';
import { releaseLeftSessions } from '../../../src/workflows/recovery.ts';
import { SessionFolder } from '../../../src/workflows/session_folder.ts';
import {
  readSessionRecord,
  type SessionRecord,
  writeSessionRecord,
} from '../../../src/workflows/session_record.ts';
import type { FakeAnswers } from '../geopera/fake_geopera.ts';
import { HERE, sessionRecord } from './session_records.ts';
import { workflowWorld } from './workflow_world.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessions-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function leave(record: SessionRecord): Promise<void> {
  const file = await new SessionFolder(folder).create();
  await file.write(record);
  await file.leave();
}

/** One sweep against a fake API; answers the calls that it made and what it found. */
async function sweep(call: FakeAnswers['call'], keys: 'same' | 'any' = 'same') {
  const { context, geopera } = workflowWorld({ call });
  const found = await releaseLeftSessions(
    {
      folder,
      account: HERE,
      release: (request) => releaseCrashedSession(request, context),
      log: context.log,
      signal: new AbortController().signal,
    },
    keys,
  );
  return { calls: geopera.calls, outcomes: found.recovered.map(({ outcome }) => outcome), found };
}

const ok = async () => ({ id: 'u_1' });

function refusal(kind: GeoperaErrorKind, fateUnknown = false) {
  return async (id: string) => {
    throw new GeoperaError({ kind, operationId: id, detail: 'no', fateUnknown });
  };
}

describe('a session that its process left', () => {
  it('is released with the step crash, and its record is gone', async () => {
    await leave(sessionRecord());
    const { calls, outcomes } = await sweep(ok);
    expect(calls).toEqual([
      {
        id: 'uploads.fail',
        input: { upload_id: 'u_1', error_step: 'crash', error_message: expect.any(String) },
      },
    ]);
    expect(outcomes).toEqual([{ state: 'released', uploadId: 'u_1' }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is released once by many sweeps at the same time', async () => {
    for (let n = 0; n < 5; n += 1) await leave(sessionRecord({ uploadId: `u_${n}` }));
    const sweeps = await Promise.all(Array.from({ length: 8 }, () => sweep(ok)));
    const released = sweeps.flatMap(({ calls }) => calls.map(({ input }) => input));
    expect(released).toHaveLength(5);
    expect(new Set(released.map((it) => JSON.stringify(it))).size).toBe(5);
  });

  it.each<[GeoperaErrorKind, 'mine' | 'other', string, boolean]>([
    ['conflict', 'mine', 'over', false],
    ['gone', 'mine', 'over', false],
    ['not_found', 'mine', 'over', false],
    ['not_found', 'other', 'held', true],
    ['unavailable', 'mine', 'held', true],
    ['unreachable', 'mine', 'held', true],
    ['rate_limited', 'mine', 'held', true],
    ['unauthenticated', 'mine', 'held', true],
    ['missing_scope', 'mine', 'held', true],
  ])('after the answer %s to the key %s is %s', async (kind, fingerprint, state, stays) => {
    await leave(sessionRecord({ account: { ...HERE, fingerprint } }));
    const { outcomes } = await sweep(refusal(kind), 'any');
    expect(outcomes).toMatchObject([{ state }]);
    const names = await readdir(folder);
    expect(names).toEqual(stays ? [expect.stringMatching(/\.left\.json$/)] : []);
  });

  it.each([
    ['another address', { api: 'https://other.test', fingerprint: 'mine' }],
    ['another key', { api: HERE.api, fingerprint: 'other' }],
  ])('is left alone if it is of %s', async (_whose, account) => {
    await leave(sessionRecord({ account }));
    const before = await readdir(folder);
    expect((await sweep(ok)).calls).toEqual([]);
    expect(await readdir(folder)).toEqual(before);
  });

  it('is left alone while its process lives', async () => {
    const file = await new SessionFolder(folder).create();
    await file.write(sessionRecord());
    expect((await sweep(ok)).calls).toEqual([]);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('is left alone while its files may come by links of others, and no longer', async () => {
    await leave(sessionRecord({ heldUntil: Date.now() + 60_000 }));
    const before = await readdir(folder);
    for (const keys of ['same', 'any'] as const) {
      expect(await sweep(ok, keys)).toMatchObject({ calls: [], outcomes: [] });
    }
    expect(await readdir(folder)).toEqual(before);
    await rm(join(folder, before[0] ?? ''));
    await leave(sessionRecord({ heldUntil: Date.now() - 1 }));
    expect((await sweep(ok)).outcomes).toEqual([{ state: 'released', uploadId: 'u_1' }]);
  });

  it('is claimed from a host that has long been silent, and not before', async () => {
    const name = 'aaaaaaaaaaaaaaaa.4711-99-00000000-11111111.json';
    const path = join(folder, name);
    await writeFile(path, writeSessionRecord(sessionRecord()));
    expect((await sweep(ok)).calls).toEqual([]);
    const longAgo = new Date(Date.now() - 24 * 60 * 60 * 1000);
    await utimes(path, longAgo, longAgo);
    expect((await sweep(ok)).calls).toHaveLength(1);
  });
});

describe('a session whose id was never heard', () => {
  const { uploadId: _, ...intent } = sessionRecord({ step: 'initiate' });

  it('is asked for again by its key and body, then released', async () => {
    await leave(intent);
    const { calls, outcomes } = await sweep(async () => ({ id: 'u_9' }));
    expect(calls).toEqual([
      { id: 'uploads.initiate', input: intent.initiate, idempotencyKey: 'key' },
      { id: 'uploads.fail', input: expect.objectContaining({ upload_id: 'u_9' }) },
    ]);
    expect(outcomes).toEqual([{ state: 'released', uploadId: 'u_9' }]);
  });

  it('is known by its id from then on, also if it cannot be released yet', async () => {
    await leave(intent);
    const first = await sweep(async (id) =>
      id === 'uploads.initiate' ? { id: 'u_9' } : refusal('unavailable')(id),
    );
    expect(first.outcomes).toMatchObject([{ state: 'held', uploadId: 'u_9', again: true }]);
    const second = await sweep(ok);
    expect(second.calls.map(({ id }) => id)).toEqual(['uploads.fail']);
  });

  it.each<[GeoperaErrorKind, boolean, object]>([
    ['payment_required', false, { state: 'unfindable' }],
    ['not_found', false, { state: 'unfindable' }],
    ['conflict', false, { state: 'held', again: false }],
    ['unreachable', false, { state: 'held', again: true }],
    // Each question whose answer is lost may open one more session.
    ['unreachable', true, { state: 'held', again: false }],
    ['unauthenticated', false, { state: 'held', again: false }],
  ])('after the answer %s (fate unknown: %s) is %o', async (kind, fateUnknown, outcome) => {
    await leave(intent);
    expect((await sweep(refusal(kind, fateUnknown))).outcomes).toMatchObject([outcome]);
  });

  it('is not asked for once its key has lapsed', async () => {
    await leave({ ...intent, startedAt: Date.now() - 25 * 60 * 60 * 1000 });
    const { calls, outcomes } = await sweep(ok);
    expect([calls, outcomes]).toEqual([[], [{ state: 'unfindable' }]]);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a folder of records', () => {
  it('with any garbage in it stops no sweep: it is set aside and reported', async () => {
    const garbage = fc.oneof(
      fc.uint8Array(),
      fc.nat().map((at) => {
        const whole = Buffer.from(writeSessionRecord(sessionRecord()));
        return whole.subarray(0, at % (whole.length - 1));
      }),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (bytes) => {
        await writeFile(join(folder, 'aaaaaaaaaaaaaaaa.left.json'), bytes);
        await leave(sessionRecord());
        const { calls, found } = await sweep(ok);
        const aside = join(folder, 'aaaaaaaaaaaaaaaa.json.damaged');
        expect(found.setAside).toEqual([aside]);
        expect(calls).toHaveLength(1);
        expect(Buffer.compare(await readFile(aside), bytes)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('with a record that cannot be read or moved has the others released all the same', async () => {
    await mkdir(join(folder, 'aaaaaaaaaaaaaaaa.left.json'));
    await leave(sessionRecord({ idempotencyKey: 'stuck' }));
    const stuck = (await readdir(folder)).find((name) => !name.startsWith('aaaa')) ?? '';
    const mine = ownerInName(await ownRecordOwner());
    await mkdir(join(folder, stuck.replace('left', mine)));
    await leave(sessionRecord({ uploadId: 'u_2' }));
    const { outcomes } = await sweep(ok);
    expect(outcomes).toHaveLength(2);
    expect(outcomes).toEqual(
      expect.arrayContaining([
        { state: 'released', uploadId: 'u_2' },
        { state: 'held', uploadId: 'u_1', reason: expect.stringContaining('rename'), again: false },
      ]),
    );
    expect(await readdir(folder)).toContain(stuck);
  });

  it('keeps what a later version wrote, and files of others', async () => {
    await writeFile(join(folder, 'aaaaaaaaaaaaaaaa.left.json'), '{"v":2}');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const before = await readdir(folder);
    expect((await sweep(ok)).calls).toEqual([]);
    expect(await readdir(folder)).toEqual(before);
  });

  it('loses what a dead process had not finished writing', async () => {
    await writeFile(join(folder, 'aaaaaaaaaaaaaaaa.1-1-00000000-.json.new'), '{"v"');
    await writeFile(join(folder, 'bbbbbbbbbbbbbbbb.left.json.new'), '{"v"');
    await sweep(ok);
    // Of a process on another host nobody can tell whether it still writes.
    expect(await readdir(folder)).toEqual(['aaaaaaaaaaaaaaaa.1-1-00000000-.json.new']);
  });

  it('need not be there', async () => {
    await rm(folder, { recursive: true });
    expect((await sweep(ok)).outcomes).toEqual([]);
  });

  it.runIf(process.platform !== 'win32')('is for its user alone', async () => {
    const inner = join(folder, 'state', 'uploads');
    const file = await new SessionFolder(inner).create();
    const record = sessionRecord();
    await file.write(record);
    const [name = ''] = await readdir(inner);
    const modes = [inner, join(inner, name)].map(async (path) => (await stat(path)).mode & 0o777);
    expect(await Promise.all(modes)).toEqual([0o700, 0o600]);
    expect(readSessionRecord(await readFile(join(inner, name), 'utf8'))).toEqual(record);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import {
  type OwnerPresence,
  type SharedPresence,
  watchOwners,
} from '../../../src/jobs/owner_presence.ts';
import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import { end, held, request } from './held_transfers.ts';
import { ManualClock } from './manual_clock.ts';

const GONE_AFTER = 60_000;

let owners: OwnerPresence | undefined;

afterEach(() => owners?.close());

/** Two owners with a transfer each, of whom the test says when they are seen. */
async function watched(shared?: SharedPresence) {
  const clock = new ManualClock();
  const jobs = createTransferJobs<string>(clock);
  owners = watchOwners({ clock, goneAfterMs: GONE_AFTER, jobs, ...(shared && { shared }) });
  for (const owner of ['me', 'them']) {
    owners.seen(owner);
    await jobs.start(request({ owner, run: held().run }));
  }
  const state = async (owner: string) => (await jobs.list(owner))[0]?.report().state;
  /** Lets so much time pass that everybody's looks take place. */
  const pass = async (ms: number) => {
    for (let past = 0; past < ms; past += 1_000) await clock.pass(1_000);
  };
  return { clock, jobs, owners, pass, state };
}

describe('an owner who stays away', () => {
  it('has its transfers ended, and nobody else has', async () => {
    const { jobs, owners, pass, state } = await watched();
    await pass(GONE_AFTER);
    expect(await state('me')).toBe('running');
    owners.seen('them');
    await pass(GONE_AFTER / 2);
    expect([await state('me'), await state('them')]).toEqual(['cancelled', 'running']);
    const [mine] = await jobs.list('me');
    expect(mine && (await end(mine))).toMatchObject({
      error: { message: 'its owner was gone for 60 seconds', keepPartial: true },
    });
  });

  it('may come back, and is watched anew', async () => {
    const { jobs, owners, pass, state } = await watched();
    await pass(2 * GONE_AFTER);
    owners.seen('me');
    await jobs.start(request({ run: held().run }));
    await pass(GONE_AFTER);
    expect(await state('me')).toBe('running');
    await pass(GONE_AFTER / 2);
    expect(await state('me')).toBe('cancelled');
  });

  it('counts as there while a session is open, and from its end on for the same time', async () => {
    const { owners, pass, state } = await watched();
    const release = owners.hold('me');
    await pass(10 * GONE_AFTER);
    expect(await state('me')).toBe('running');
    release();
    release();
    await pass(GONE_AFTER);
    expect(await state('me')).toBe('running');
    await pass(GONE_AFTER / 2);
    expect(await state('me')).toBe('cancelled');
  });

  it('has not stayed away while this machine slept, or because its clock was put forward', async () => {
    const { clock, pass, state } = await watched();
    await pass(GONE_AFTER / 2);
    await clock.pass(24 * 60 * GONE_AFTER);
    await pass(GONE_AFTER / 2);
    expect(await state('me')).toBe('running');
    await pass(GONE_AFTER);
    expect(await state('me')).toBe('cancelled');
  });

  it('is left alone once the watch is closed', async () => {
    const { owners, pass, state } = await watched();
    owners.close();
    await pass(3 * GONE_AFTER);
    expect(await state('me')).toBe('running');
  });
});

describe('an owner whom another replica may have seen', () => {
  it('is not gone while it is seen there', async () => {
    const there = new Set(['me']);
    const shared = { tell: async () => undefined, isPresent: async (it: string) => there.has(it) };
    const { pass, state } = await watched(shared);
    await pass(3 * GONE_AFTER);
    expect([await state('me'), await state('them')]).toEqual(['running', 'cancelled']);
    there.clear();
    await pass(GONE_AFTER);
    expect(await state('me')).toBe('cancelled');
  });

  it('is not gone while nobody can know', async () => {
    const away = () => Promise.reject(new Error('away'));
    const { pass, state } = await watched({ tell: away, isPresent: away });
    await pass(3 * GONE_AFTER);
    expect(await state('me')).toBe('running');
  });

  it('is told of, not with every request, and as long as a session is open', async () => {
    const told: string[] = [];
    const tell = async (owner: string) => void told.push(owner);
    const { owners, pass } = await watched({ tell, isPresent: async () => true });
    for (let times = 0; times < 100; times += 1) owners.seen('me');
    expect(told).toEqual(['me', 'them']);
    owners.hold('them');
    await pass(GONE_AFTER);
    const again = told.slice(2);
    expect([new Set(again), again.length >= 3]).toEqual([new Set(['them']), true]);
  });
});

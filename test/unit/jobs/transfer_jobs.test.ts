import { describe, expect, it } from 'vitest';
import { TooManyTransfers } from '../../../src/jobs/too_many_transfers.ts';
import type { Transfer } from '../../../src/jobs/transfer_job.ts';
import {
  createTransferJobs,
  type TransferJobs,
  type TransferJobsOptions,
} from '../../../src/jobs/transfer_jobs.ts';
import type { Act } from '../../../src/transfer/act.ts';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import { end, held, never, request } from './held_transfers.ts';
import { ManualClock } from './manual_clock.ts';

const HOUR = 60 * 60 * 1000;

function openJobs(options?: TransferJobsOptions) {
  const clock = new ManualClock();
  return { clock, jobs: createTransferJobs<string>(clock, options) };
}

async function manyEnded(jobs: TransferJobs<string>, owner: string, count: number) {
  const all: Transfer<string>[] = [];
  for (let key = 0; key < count; key += 1) {
    const transfer = await jobs.start(request({ owner, key: `${key}` }));
    await end(transfer);
    all.push(transfer);
  }
  return all;
}

describe('a job', () => {
  it('ends with what it made, and says so', async () => {
    const { jobs, clock } = openJobs();
    const work = held();
    const job = await jobs.start(request({ run: work.run, bytesTotal: 100 }));
    expect(job.report()).toMatchObject({
      state: 'running',
      message: 'Uploading a.tif',
      bytesDone: 0,
      bytesTotal: 100,
      endedAt: undefined,
    });
    await clock.pass(1_000);
    work.end('made');
    expect(await job.wait(1, never())).toEqual({ state: 'completed', result: 'made' });
    expect(job.report()).toMatchObject({ state: 'completed', endedAt: clock.now() });
  });

  it('knows its pace and how long it will take', async () => {
    const { jobs, clock } = openJobs();
    const work = held();
    const job = await jobs.start(request({ run: work.run }));
    for (let s = 1; s <= 10; s += 1) {
      work.tell(s * 1_000_000, 60_000_000);
      await clock.pass(1_000);
    }
    work.tell(11_000_000);
    const { bytesPerSecond, etaSeconds, bytesTotal } = job.report();
    expect(bytesTotal).toBe(60_000_000);
    expect(bytesPerSecond).toBeCloseTo(1_000_000, 0);
    expect(etaSeconds).toBeCloseTo(49, 3);
    work.end();
    await end(job);
    expect(job.report().bytesPerSecond).toBeUndefined();
  });

  it('goes on when a wait is over, and when it is broken off', async () => {
    const { jobs, clock } = openJobs();
    const work = held();
    const job = await jobs.start(request({ run: work.run }));
    const waited = job.wait(45_000, never());
    const stop = new AbortController();
    const brokenOff = job.wait(45_000, stop.signal);
    const reason = new Error('no patience');
    stop.abort(reason);
    await expect(brokenOff).rejects.toBe(reason);
    await clock.pass(45_000);
    expect(await waited).toBeUndefined();
    expect(job.goesOn).toBe(true);
    work.end();
    expect(await job.wait(1, never())).toMatchObject({ state: 'completed' });
  });

  it('answers at once where there is no time to wait', async () => {
    const { jobs } = openJobs();
    const job = await jobs.start(request({ run: held().run }));
    expect(await job.wait(0, never())).toBeUndefined();
  });

  it('that fails keeps its error and rejects nowhere', async () => {
    const { jobs } = openJobs();
    const error = new Error('broken');
    const job = await jobs.start(request({ run: () => Promise.reject(error) }));
    expect(await end(job)).toEqual({ state: 'failed', error });
  });

  it('is stopped with the reason given, and counts as cancelled only if it did stop', async () => {
    const { jobs } = openJobs();
    const reason = new Cancelled('stopped', { keepPartial: true });
    const stopped = await jobs.start(request({ run: held().run }));
    expect(await stopped.cancel(reason)).toEqual({ state: 'cancelled', error: reason });
    const deaf = await jobs.start(request({ run: async () => 'done anyway' }));
    expect(await deaf.cancel(reason)).toEqual({ state: 'completed', result: 'done anyway' });
    // Whoever asked for the stop does not know that it is done: the same call must not do it again.
    expect(await jobs.same('me', 'k')).toBe(deaf);
  });
});

describe('a job that is abandoned', () => {
  const reason = new Cancelled('left');

  it('goes on for whoever else waits for it', async () => {
    const { jobs } = openJobs();
    const work = held();
    const job = await jobs.start(request({ run: work.run }));
    const waits = job.wait(45_000, never());
    expect(await job.abandon(reason)).toBeUndefined();
    expect(job.goesOn).toBe(true);
    work.end();
    expect(await waits).toMatchObject({ state: 'completed' });
  });

  it('is stopped where nobody waits any more', async () => {
    const { jobs, clock } = openJobs();
    const job = await jobs.start(request({ run: held().run }));
    const waits = job.wait(45_000, never());
    await clock.pass(45_000);
    await waits;
    expect(await job.abandon(reason)).toEqual({ state: 'cancelled', error: reason });
  });
});

describe('an observer', () => {
  /** What it was told, in order. */
  function observed() {
    const told: unknown[] = [];
    const tell =
      (name: string) =>
      (...facts: unknown[]) =>
        told.push([name, ...facts]);
    const observer = { started: tell('started'), moved: tell('moved'), ended: tell('ended') };
    return { told, ...openJobs({ observer }) };
  }

  it('hears of the bytes of an upload as they go, and of its end', async () => {
    const { told, jobs } = observed();
    const work = held();
    const job = await jobs.start(request({ run: work.run }));
    for (const done of [10, 10, 30]) work.tell(done);
    work.fail(new Error('broken'));
    await end(job);
    expect(told).toEqual([
      ['started', 'upload'],
      ['moved', 'upload', 10],
      ['moved', 'upload', 20],
      ['ended', 'upload', 'failed'],
    ]);
  });

  it('hears of a download without what lay on disk before', async () => {
    const { told, jobs } = observed();
    const work = held();
    const resumedBytes = () => 900;
    const job = await jobs.start(request({ kind: 'download', run: work.run, resumedBytes }));
    for (const done of [0, 950, 1_000]) work.tell(done);
    work.end();
    await end(job);
    expect(told).toEqual([
      ['started', 'download'],
      ['moved', 'download', 50],
      ['moved', 'download', 50],
      ['ended', 'download', 'completed'],
    ]);
  });
});

describe('the jobs of a process', () => {
  it('have ids of their own that cannot be guessed', async () => {
    const { jobs } = openJobs();
    const ids = await Promise.all(
      Array.from({ length: 100 }, async (_, key) => {
        const { id } = await jobs.start(request({ owner: `${key}` }));
        return id;
      }),
    );
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^t_[\w-]{12}$/);
  });

  it('are visible to their owner alone', async () => {
    const { jobs } = openJobs();
    const mine = await jobs.start(request({ run: held().run }));
    const theirs = await jobs.start(request({ run: held().run, owner: 'them' }));
    expect(theirs).not.toBe(mine);
    expect(await jobs.list('me')).toEqual([mine]);
    expect(await jobs.find('them', mine.id)).toBeUndefined();
    expect(await jobs.same('them', 'k')).toBe(theirs);
  });

  it('are joined while they are at the same thing', async () => {
    const { jobs } = openJobs();
    const job = await jobs.start(request({ run: held().run }));
    expect(await jobs.start(request())).toBe(job);
    expect(await jobs.start(request({ key: 'other' }))).not.toBe(job);
  });

  it('are not joined once they were asked to stop', async () => {
    const { jobs } = openJobs();
    const job = await jobs.start(request({ run: () => new Promise(() => undefined) }));
    void job.cancel(new Cancelled('stopped'));
    expect(await jobs.same('me', 'k')).toBeUndefined();
    expect(await jobs.start(request())).not.toBe(job);
  });

  it('are found again by the same thing until somebody has heard of their end', async () => {
    const { jobs } = openJobs();
    const job = await jobs.start(request());
    await end(job);
    expect(await jobs.same('me', 'k')).toBe(job);
    job.hear();
    expect(await jobs.same('me', 'k')).toBeUndefined();
  });

  it('that ended unheard count no more once another was at the same thing', async () => {
    const { jobs } = openJobs();
    await end(await jobs.start(request()));
    const second = await jobs.start(request());
    await end(second);
    second.hear();
    expect(await jobs.same('me', 'k')).toBeUndefined();
  });

  it('are listed newest first, and kept for an hour after their end', async () => {
    const { jobs, clock } = openJobs();
    const running = await jobs.start(request({ key: '1', run: held().run }));
    const ended = await jobs.start(request({ key: '2' }));
    await end(ended);
    expect(await jobs.list('me')).toEqual([ended, running]);
    await clock.pass(HOUR);
    expect(await jobs.find('me', ended.id)).toBe(ended);
    await clock.pass(1);
    expect(await jobs.list('me')).toEqual([running]);
  });

  it('that ended are kept to a number, those that run all', async () => {
    const { jobs } = openJobs();
    const running = await jobs.start(request({ key: 'running', run: held().run }));
    const ended = await manyEnded(jobs, 'me', 205);
    expect(await jobs.list('me')).toEqual([running, ...ended.slice(5)].reverse());
  });

  it('that ended are kept to a number also where nobody asks for them', async () => {
    const { jobs } = openJobs();
    for (let n = 0; n < 300; n += 1) await end(jobs.begin(`${n}`, request({ key: `${n}` })));
    let kept = 0;
    await jobs.cancelAll(() => {
      kept += 1;
      return new Cancelled('the server shut down');
    });
    // The one that ended last is not counted until the next begins.
    expect(kept).toBe(201);
  });

  it('of many owners that ended are kept to a number too: whoever has most loses the oldest', async () => {
    const { jobs } = openJobs();
    const [few] = await manyEnded(jobs, 'few', 1);
    for (let owner = 0; owner < 10; owner += 1) await manyEnded(jobs, `many ${owner}`, 200);
    const counts = await Promise.all(
      ['few', 'many 0', 'many 1', 'many 9'].map(async (owner) => (await jobs.list(owner)).length),
    );
    expect(counts).toEqual([1, 199, 200, 200]);
    expect(await jobs.list('few')).toEqual([few]);
  });

  it('run to a number at a time, each owner for itself', async () => {
    const { jobs } = openJobs({ mostRunning: 2 });
    const work = held();
    const first = await jobs.start(request({ key: '1', run: work.run }));
    const second = await jobs.start(request({ key: '2', run: () => new Promise(() => undefined) }));
    await expect(jobs.start(request({ key: '3' }))).rejects.toThrow(TooManyTransfers);
    expect(await jobs.start(request({ key: '1' }))).toBe(first);
    await jobs.start(request({ owner: 'them' }));
    // One that was asked to stop still runs.
    void second.cancel(new Cancelled('stopped'));
    await expect(jobs.start(request({ key: '3' }))).rejects.toThrow(TooManyTransfers);
    work.end();
    await end(first);
    await jobs.start(request({ key: '3' }));
  });

  it('of one owner are stopped alone', async () => {
    const { jobs } = openJobs();
    const mine = await jobs.start(request({ run: held().run }));
    const theirs = await jobs.start(request({ run: held().run, owner: 'them' }));
    await jobs.cancelAll(() => new Cancelled('gone'), 'me');
    expect([mine.outcome?.state, theirs.outcome]).toEqual(['cancelled', undefined]);
  });

  it('are all stopped at the end, which waits for their clean-up', async () => {
    const { jobs } = openJobs();
    const cleanedUp: string[] = [];
    const run = ({ signal }: Act) =>
      new Promise<string>((_, reject) => {
        signal.addEventListener('abort', () =>
          setImmediate(() => {
            cleanedUp.push(signal.reason.message);
            reject(signal.reason);
          }),
        );
      });
    await jobs.start(request({ run, key: '1' }));
    await jobs.start(request({ run, key: '2', owner: 'them' }));
    await jobs.cancelAll(() => new Cancelled('the end'));
    expect(cleanedUp).toEqual(['the end', 'the end']);
  });
});

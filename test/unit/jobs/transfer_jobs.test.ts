import { describe, expect, it } from 'vitest';
import type { JobRequest } from '../../../src/jobs/transfer_job.ts';
import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import type { Act } from '../../../src/workflows/context.ts';
import { ManualClock } from './manual_clock.ts';

const HOUR = 60 * 60 * 1000;
const never = () => new AbortController().signal;

/** A transfer that ends when the test says how. */
function held() {
  let act: Act | undefined;
  let end: (result: string) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const work = new Promise<string>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return {
    end: (result = 'done') => end(result),
    fail: (error: unknown) => fail(error),
    tell: (done: number, total?: number) => act?.onProgress({ done, total, message: 'Moving' }),
    run: (given: Act) => {
      act = given;
      given.signal.addEventListener('abort', () => fail(given.signal.reason));
      return work;
    },
  };
}

function openJobs() {
  const clock = new ManualClock();
  const jobs = createTransferJobs<string>(clock);
  const request = (more: Partial<JobRequest<string>> = {}): JobRequest<string> => ({
    owner: 'me',
    key: 'k',
    kind: 'upload',
    what: 'a.tif',
    run: async () => 'done',
    ...more,
  });
  return { clock, jobs, request };
}

describe('a job', () => {
  it('ends with what it made, and says so', async () => {
    const { jobs, request, clock } = openJobs();
    const work = held();
    const job = jobs.start(request({ run: work.run, bytesTotal: 100 }));
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
    const { jobs, request, clock } = openJobs();
    const work = held();
    const job = jobs.start(request({ run: work.run }));
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
    await job.settled;
    expect(job.report().bytesPerSecond).toBeUndefined();
  });

  it('goes on when a wait is over, and when it is broken off', async () => {
    const { jobs, request, clock } = openJobs();
    const work = held();
    const job = jobs.start(request({ run: work.run }));
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
    const { jobs, request } = openJobs();
    const job = jobs.start(request({ run: held().run }));
    expect(await job.wait(0, never())).toBeUndefined();
  });

  it('that fails keeps its error and rejects nowhere', async () => {
    const { jobs, request } = openJobs();
    const error = new Error('broken');
    const job = jobs.start(request({ run: () => Promise.reject(error) }));
    expect(await job.settled).toEqual({ state: 'failed', error });
  });

  it('is stopped with the reason given, and counts as cancelled only if it did stop', async () => {
    const { jobs, request } = openJobs();
    const reason = new Cancelled('stopped', { keepPartial: true });
    const stopped = jobs.start(request({ run: held().run }));
    expect(await stopped.cancel(reason)).toEqual({ state: 'cancelled', error: reason });
    const deaf = jobs.start(request({ run: async () => 'done anyway' }));
    expect(await deaf.cancel(reason)).toEqual({ state: 'completed', result: 'done anyway' });
    // Whoever asked for the stop does not know that it is done: the same call must not do it again.
    expect(jobs.same('me', 'k')).toBe(deaf);
  });
});

describe('the jobs of a process', () => {
  it('have ids of their own that cannot be guessed', () => {
    const { jobs, request } = openJobs();
    const ids = Array.from({ length: 100 }, (_, key) => jobs.start(request({ key: `${key}` })).id);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^t_[\w-]{12}$/);
  });

  it('are visible to their owner alone', () => {
    const { jobs, request } = openJobs();
    const mine = jobs.start(request({ run: held().run }));
    const theirs = jobs.start(request({ run: held().run, owner: 'them' }));
    expect(theirs).not.toBe(mine);
    expect(jobs.list('me')).toEqual([mine]);
    expect(jobs.find('them', mine.id)).toBeUndefined();
    expect(jobs.same('them', 'k')).toBe(theirs);
  });

  it('are joined while they are at the same thing', () => {
    const { jobs, request } = openJobs();
    const job = jobs.start(request({ run: held().run }));
    expect(jobs.start(request())).toBe(job);
    expect(jobs.start(request({ key: 'other' }))).not.toBe(job);
  });

  it('are not joined once they were asked to stop', () => {
    const { jobs, request } = openJobs();
    const job = jobs.start(request({ run: () => new Promise(() => undefined) }));
    void job.cancel(new Cancelled('stopped'));
    expect(jobs.same('me', 'k')).toBeUndefined();
    expect(jobs.start(request())).not.toBe(job);
  });

  it('are found again by the same thing until somebody has heard of their end', async () => {
    const { jobs, request } = openJobs();
    const job = jobs.start(request());
    await job.settled;
    expect(jobs.same('me', 'k')).toBe(job);
    job.hear();
    expect(jobs.same('me', 'k')).toBeUndefined();
  });

  it('that ended unheard count no more once another was at the same thing', async () => {
    const { jobs, request } = openJobs();
    await jobs.start(request()).settled;
    const second = jobs.start(request());
    await second.settled;
    second.hear();
    expect(jobs.same('me', 'k')).toBeUndefined();
  });

  it('are listed newest first, and kept for an hour after their end', async () => {
    const { jobs, request, clock } = openJobs();
    const running = jobs.start(request({ key: '1', run: held().run }));
    const ended = jobs.start(request({ key: '2' }));
    await ended.settled;
    expect(jobs.list('me')).toEqual([ended, running]);
    await clock.pass(HOUR);
    expect(jobs.find('me', ended.id)).toBe(ended);
    await clock.pass(1);
    expect(jobs.list('me')).toEqual([running]);
  });

  it('that ended are kept to a number, those that run all', async () => {
    const { jobs, request } = openJobs();
    const running = jobs.start(request({ key: 'running', run: held().run }));
    const ended = Array.from({ length: 205 }, (_, key) => jobs.start(request({ key: `${key}` })));
    await Promise.all(ended.map(({ settled }) => settled));
    expect(jobs.list('me')).toEqual([running, ...ended.slice(5)].reverse());
  });

  it('are all stopped at the end, which waits for their clean-up', async () => {
    const { jobs, request } = openJobs();
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
    jobs.start(request({ run, key: '1' }));
    jobs.start(request({ run, key: '2', owner: 'them' }));
    await jobs.cancelAll(() => new Cancelled('the end'));
    expect(cleanedUp).toEqual(['the end', 'the end']);
  });
});

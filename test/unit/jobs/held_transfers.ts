import type { JobRequest, Outcome, Transfer } from '../../../src/jobs/transfer_job.ts';
import type { Act } from '../../../src/transfer/act.ts';

export const never = () => new AbortController().signal;

/** A transfer that ends when the test says how. */
export function held() {
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

/** An upload of mine that is done at once, unless the test says otherwise. */
export function request(more: Partial<JobRequest<string>> = {}): JobRequest<string> {
  return {
    owner: 'me',
    key: 'k',
    kind: 'upload',
    what: 'a.tif',
    run: async () => 'done',
    ...more,
  };
}

/** Resolves with the outcome, by a clock that passes when the test says so. */
export async function end<Result>(transfer: Transfer<Result>): Promise<Outcome<Result>> {
  const outcome = await transfer.wait(1, never());
  if (outcome === undefined) throw new Error('it has not ended');
  return outcome;
}

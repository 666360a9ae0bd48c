import { describe, expect, it } from 'vitest';
import { GeoperaError, type GeoperaErrorKind } from '../../../src/geopera/geopera_error.ts';
import { waitBeforeRetry } from '../../../src/geopera/retry_policy.ts';

interface Failure {
  kind: GeoperaErrorKind;
  fateUnknown?: boolean;
  retryAfterSeconds?: number;
}

const failed = (facts: Failure) =>
  new GeoperaError({ operationId: 'uploads.complete', detail: 'x', ...facts });

/** The longest wait that chance can choose. */
const longest = () => 1;
const patience = 60_000;

describe('which failures are tried again', () => {
  it.each<[Failure, { repeatable: boolean; other: boolean }]>([
    [{ kind: 'rate_limited' }, { repeatable: true, other: true }],
    [
      { kind: 'unreachable', fateUnknown: false },
      { repeatable: true, other: true },
    ],
    [
      { kind: 'unreachable', fateUnknown: true },
      { repeatable: true, other: false },
    ],
    [
      { kind: 'unavailable', fateUnknown: true },
      { repeatable: true, other: false },
    ],
    [
      { kind: 'unexpected_answer', fateUnknown: true },
      { repeatable: false, other: false },
    ],
    [{ kind: 'no_token' }, { repeatable: false, other: false }],
    [{ kind: 'unauthenticated' }, { repeatable: false, other: false }],
    [{ kind: 'missing_scope' }, { repeatable: false, other: false }],
    [{ kind: 'forbidden' }, { repeatable: false, other: false }],
    [{ kind: 'payment_required' }, { repeatable: false, other: false }],
    [{ kind: 'not_found' }, { repeatable: false, other: false }],
    [{ kind: 'conflict' }, { repeatable: false, other: false }],
    [{ kind: 'gone' }, { repeatable: false, other: false }],
    [{ kind: 'invalid_input' }, { repeatable: false, other: false }],
    [{ kind: 'rejected' }, { repeatable: false, other: false }],
  ])('%o', (facts, retried) => {
    const once = (repeatable: boolean) =>
      waitBeforeRetry(failed(facts), repeatable, 1, patience, longest);
    expect({ repeatable: once(true) !== undefined, other: once(false) !== undefined }).toEqual(
      retried,
    );
  });
});

describe('how long to wait', () => {
  it.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [4, undefined],
    [9, undefined],
  ])('after try %i at most %s ms', (tries, ms) => {
    expect(waitBeforeRetry(failed({ kind: 'rate_limited' }), false, tries, patience, longest)).toBe(
      ms,
    );
  });

  it('is a part of that, by chance', () => {
    expect(waitBeforeRetry(failed({ kind: 'rate_limited' }), false, 2, patience, () => 0.25)).toBe(
      250,
    );
  });

  it.each([
    [0, 0],
    [7, 7_000],
    [60, 60_000],
    [61, undefined],
    [86_400, undefined],
  ])('is at least the %i s that the API asked for, unless patience ends before', (seconds, ms) => {
    const limited = failed({ kind: 'rate_limited', retryAfterSeconds: seconds });
    expect(waitBeforeRetry(limited, false, 1, patience, () => 0)).toBe(ms);
  });

  it('honours the Retry-After of an unavailable API too', () => {
    const busy = failed({ kind: 'unavailable', fateUnknown: true, retryAfterSeconds: 3 });
    expect(waitBeforeRetry(busy, true, 1, patience, () => 0)).toBe(3_000);
  });
});

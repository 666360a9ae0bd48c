import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ServiceError,
  type ServiceErrorFacts,
  type ServiceErrorKind,
} from '../../../../src/connectors/http/service_error.ts';
import {
  type Leftover,
  ServiceUploadFailed,
} from '../../../../src/connectors/service_upload_failed.ts';
import { explain } from '../../../../src/tools/explain.ts';
import { leftBehind } from '../../../../src/tools/left_behind.ts';
import { Cancelled } from '../../../../src/transfer/cancelled.ts';

const refusal = (facts: Partial<ServiceErrorFacts>) =>
  new ServiceError({
    service: 'opteryx',
    call: 'opteryx.commit_session',
    kind: 'conflict',
    detail: 'the dataset exists',
    status: 409,
    ...facts,
  });

const failed = (left: Leftover, cause: unknown = refusal({})) =>
  new ServiceUploadFailed({
    service: 'opteryx',
    id: 's_1',
    idOf: 'session',
    step: 'send',
    target: 'ports.harbour.ships',
    left,
    cause,
  });

describe('what a service refuses', () => {
  it.each<[ServiceErrorKind, boolean, RegExp]>([
    ['no_credentials', false, /OPTERYX_CLIENT_ID/],
    ['unauthenticated', false, /OPTERYX_CLIENT_ID/],
    ['forbidden', false, /right to write/],
    ['not_found', false, /Check the ids/],
    ['conflict', false, /conflict_resolution/],
    ['gone', true, /Begin again/],
    ['too_large', false, /parquet as several smaller files/],
    ['invalid_input', false, /Correct/],
    ['rate_limited', true, /in a minute/],
    ['rejected', false, /Tell the user/],
    ['unavailable', true, /in a few minutes/],
    ['unreachable', true, /network/],
    ['not_the_api', false, /address/],
    ['unexpected_answer', false, /Tell the user/],
  ])('for %s says what to do', (kind, retryable, next) => {
    const explained = explain(refusal({ kind }));
    expect(explained).toMatchObject({ code: `opteryx_${kind}`, retryable });
    expect(explained.next).toMatch(next);
    expect(explained.what).toContain('Opteryx did not do opteryx.commit_session (409');
    expect(explained.what).toContain('the dataset exists.');
  });

  it('goes by the code of a contract where there is one', () => {
    const explained = explain(refusal({ code: 'value_not_castable', kind: 'conflict' }));
    expect(explained.code).toBe('opteryx_value_not_castable');
    expect(explained.next).toContain('declare another type');
    expect(explain(refusal({ code: 'brand_new' })).next).toContain('conflict_resolution');
  });

  it('names the other service by its own settings', () => {
    const explained = explain(refusal({ service: 'geolens', kind: 'forbidden', status: 403 }));
    expect(explained.what).toContain('GeoLens');
    expect(explained.next).toContain('scope full');
    expect(explained.next).not.toContain('OPTERYX');
  });

  it('tells how long to wait', () => {
    const waiting = refusal({ kind: 'rate_limited', retryAfterSeconds: 7 });
    expect(explain(waiting).next).toBe('Call again in 7 seconds.');
  });
});

describe('what a failed upload left', () => {
  it.each<[string, Leftover, string]>([
    ['nothing', { kind: 'nothing' }, 'Nothing of it is left at Opteryx.'],
    [
      'parts that run out',
      { kind: 'staged', what: '3 parts', expires: 'at 2026-11-21T18:00:00Z' },
      '3 parts of session s_1 stayed: nobody can read that, and it goes by itself (at 2026-11-21T18:00:00Z).',
    ],
    [
      'parts that could not be removed',
      { kind: 'staged', what: '1 part', expires: 'within six hours', reason: 'no answer came' },
      '1 part of session s_1 stayed and could not be removed (no answer came):',
    ],
  ])('is told: %s', (_what, left, words) => {
    const { what, code } = explain(failed(left));
    expect(what).toContain('The upload to ports.harbour.ships failed while it was sent.');
    expect(what).toContain(words);
    expect(code).toBe('opteryx_conflict');
    expect(leftBehind(failed(left)).mayBeDone).toBe(false);
  });

  it('that may be done is no failure to be repeated', () => {
    const error = failed(
      { kind: 'perhaps_done' },
      refusal({ kind: 'unreachable', status: undefined }),
    );
    const { code, what, next, retryable } = explain(error);
    expect({ code, retryable }).toEqual({ code: 'opteryx_outcome_unknown', retryable: false });
    expect(what).toContain('may be done');
    expect(next).toContain('before anything is sent again');
    expect(leftBehind(error).mayBeDone).toBe(true);
  });

  it.each([
    [true, false],
    [false, true],
  ])('may be finished again where that is harmless (%s)', (finishIdempotent, isTold) => {
    const { what, next } = explain(
      failed(
        { kind: 'perhaps_done', finishIdempotent },
        refusal({ kind: 'unreachable', status: undefined }),
      ),
    );
    expect(what.includes('nothing was tried twice')).toBe(isTold);
    expect(next.includes('opteryx_commit_contract')).toBe(!isTold);
  });

  it('that goes on without anybody waiting is not to be sent again', () => {
    const error = failed({ kind: 'goes_on' }, new Cancelled('the client cancelled'));
    const { code, what, next, retryable } = explain(error);
    expect({ code, retryable }).toEqual({ code: 'opteryx_goes_on', retryable: false });
    expect(what).toContain('was committed');
    expect(what).toContain('the client cancelled');
    expect(next).toContain('Do not upload the file again.');
    expect(leftBehind(error).mayBeDone).toBe(true);
  });

  it('by a cancellation is told with its reason', () => {
    const { code, what } = explain(
      failed({ kind: 'nothing' }, new Cancelled('the client cancelled')),
    );
    expect(code).toBe('cancelled');
    expect(what).toContain('the client cancelled');
  });

  it('shows no secret, whatever the service or a file name says', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w-]{12,40}$/), (secret) => {
        const detail = `opt_${secret} https://x.example/?sig=${secret}`;
        const error = failed({ kind: 'staged', what: '1 part', expires: 'soon', reason: detail });
        const { what, next } = explain(error);
        expect(what + next).not.toContain(secret);
      }),
    );
  });
});

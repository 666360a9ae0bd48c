import { describe, expect, it } from 'vitest';
import { storageProblem } from '../../../src/transfer/failures/storage_problem.ts';
import { STORAGE_ERRORS } from '../../faults/transfer/storage_errors.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ENDED = 'https://s.example/o?X-Goog-Date=20260301T110000Z&X-Goog-Expires=900';
const VALID = 'https://s.example/o?X-Goog-Date=20260301T115900Z&X-Goog-Expires=900';
const error = (code: string) => `<Error><Code>${code}</Code><Message>m</Message></Error>`;

describe('what an answer means', () => {
  it.each([
    // status, body, url, outcome, code
    [400, STORAGE_ERRORS.gcsExpired, VALID, 'expired', 'url_expired'],
    [403, STORAGE_ERRORS.s3Expired, VALID, 'expired', 'url_expired'],
    [403, STORAGE_ERRORS.r2Expired, VALID, 'expired', 'url_expired'],
    [403, STORAGE_ERRORS.azureExpired, VALID, 'expired', 'url_expired'],
    [403, error('RequestTimeTooSkewed'), VALID, 'expired', 'url_expired'],
    [403, error('AuthenticationFailed'), VALID, 'signature', 'storage_refused'],
    [403, error('AuthenticationFailed'), ENDED, 'expired', 'url_expired'],
    [403, STORAGE_ERRORS.badSignature, VALID, 'signature', 'storage_refused'],
    [403, STORAGE_ERRORS.denied, VALID, 'fatal', 'storage_refused'],
    [403, STORAGE_ERRORS.denied, ENDED, 'expired', 'url_expired'],
    [403, '', VALID, 'expired', 'storage_refused'],
    [401, '<html>', VALID, 'expired', 'storage_refused'],
    [410, '', VALID, 'expired', 'storage_refused'],
    [403, '', ENDED, 'expired', 'url_expired'],
    [400, '', ENDED, 'expired', 'url_expired'],
    [500, '', ENDED, 'transient', 'storage_unavailable'],
    [400, '', VALID, 'fatal', 'storage_refused'],
    [400, error('RequestTimeout'), VALID, 'transient', 'storage_unavailable'],
    [400, error('BadDigest'), VALID, 'mismatch', 'checksum_mismatch'],
    [400, error('EntityTooLarge'), VALID, 'fatal', 'storage_refused'],
    [404, error('NoSuchKey'), VALID, 'fatal', 'storage_refused'],
    [408, '', VALID, 'transient', 'storage_unavailable'],
    [412, error('PreconditionFailed'), VALID, 'fatal', 'storage_refused'],
    [425, '', VALID, 'transient', 'storage_unavailable'],
    [429, '', VALID, 'throttled', 'storage_unavailable'],
    [500, error('InternalError'), VALID, 'transient', 'storage_unavailable'],
    [501, '', VALID, 'fatal', 'storage_refused'],
    [502, '', VALID, 'transient', 'storage_unavailable'],
    [503, error('SlowDown'), VALID, 'throttled', 'storage_unavailable'],
    [504, '', VALID, 'transient', 'storage_unavailable'],
    [522, '', VALID, 'transient', 'storage_unavailable'],
  ])('%i %s: %s', (status, body, url, outcome, code) => {
    const problem = storageProblem({ status, headers: {}, body, url: new URL(url), now: NOW });
    expect(problem).toMatchObject({ outcome, code, status });
  });

  it('believes the server about the time', () => {
    const answer = { status: 403, body: STORAGE_ERRORS.denied, url: new URL(VALID), now: NOW };
    const late = { date: 'Sun, 01 Mar 2026 12:30:00 GMT' };
    expect(storageProblem({ ...answer, headers: late }).outcome).toBe('expired');
    expect(storageProblem({ ...answer, headers: {} }).outcome).toBe('fatal');
  });

  it('names the code that Azure sends as a header', () => {
    const headers = { 'x-ms-error-code': 'ServerBusy' };
    const problem = storageProblem({
      status: 503,
      headers,
      body: '',
      url: new URL(VALID),
      now: NOW,
    });
    expect(problem).toMatchObject({ storageCode: 'ServerBusy', outcome: 'throttled' });
  });

  it('repeats what storage says on one line, bounded, without signatures', () => {
    const body = `<Error><Code>X</Code><Message>a\u001b[31m\nb https://h/p?sig=abc Signature=abc ${'y'.repeat(400)}</Message></Error>`;
    const { message } = storageProblem({
      status: 400,
      headers: {},
      body,
      url: new URL(VALID),
      now: NOW,
    });
    expect(message).toMatch(
      /^storage answered 400 X: a \[31m b https:\/\/h\/p\?… Signature=… y+…\.$/,
    );
    expect(message.length).toBeLessThan(260);
  });
});

import { expect, it } from 'vitest';
import { connectionProblem } from '../../../src/transfer/failures/connection_problem.ts';
import { SOCKET_RULES } from '../../../src/transfer/failures/retry_policy.ts';

const failing = (code: string) => Object.assign(new Error(code), { code });

it.each([
  ['ECONNRESET', 'connection_lost', true],
  ['EPIPE', 'connection_lost', true],
  ['UND_ERR_SOCKET', 'connection_lost', true],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'connection_lost', true],
  ['ECONNREFUSED', 'storage_unavailable', true],
  ['ETIMEDOUT', 'storage_unavailable', true],
  ['EAI_AGAIN', 'storage_unavailable', true],
  ['UND_ERR_CONNECT_TIMEOUT', 'storage_unavailable', true],
  ['UND_ERR_HEADERS_TIMEOUT', 'stalled', true],
  ['ENOTFOUND', 'storage_unavailable', false],
  ['CERT_HAS_EXPIRED', 'storage_unavailable', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'storage_unavailable', false],
  ['UND_ERR_INVALID_ARG', 'storage_refused', false],
])('%s: %s, retryable %s', (errno, code, retryable) => {
  const expected = { code, retryable, bytesTransferred: 5 };
  expect(connectionProblem(failing(errno), 5)).toMatchObject(expected);
  const wrapped = new TypeError('terminated', { cause: failing(errno) });
  expect(connectionProblem(wrapped, 5)).toMatchObject(expected);
});

it.each([
  ['ENOTFOUND', { answeredBefore: true }, 'transient'],
  ['ENOTFOUND', { answeredBefore: false }, 'fatal'],
  ['ENOTFOUND', { idle: true }, 'fatal'],
  ['CERT_HAS_EXPIRED', { answeredBefore: true }, 'fatal'],
  ['ECONNRESET', { idle: true }, 'idle_closed'],
  ['EPIPE', { idle: true }, 'idle_closed'],
  ['UND_ERR_SOCKET', { idle: true, answeredBefore: true }, 'idle_closed'],
  ['ECONNREFUSED', { idle: true }, 'transient'],
  ['ECONNRESET', {}, 'transient'],
])('%s with %j: %s', (errno, known, outcome) => {
  expect(connectionProblem(failing(errno), 0, known)).toMatchObject({ outcome });
});

it('every rule has words for its code', () => {
  for (const errno of SOCKET_RULES.keys()) {
    expect(String(connectionProblem(failing(errno), 0))).not.toContain('undefined');
  }
});

it('an error that is no connection is left alone', () => {
  const error = new RangeError('a bug');
  expect(connectionProblem(error, 0)).toBe(error);
  expect(connectionProblem('text', 0)).toBe('text');
});

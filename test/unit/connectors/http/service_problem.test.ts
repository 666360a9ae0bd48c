import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceErrorKind } from '../../../../src/connectors/http/service_error.ts';
import { parseServiceProblem } from '../../../../src/connectors/http/service_problem.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

function parse(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const call = 'opteryx.commit_session';
  return parseServiceProblem({ service: 'opteryx', call, status, headers, body: text, now: NOW });
}

describe('a refusal of a service', () => {
  it.each<[number, ServiceErrorKind, boolean]>([
    [400, 'invalid_input', false],
    [401, 'unauthenticated', false],
    [403, 'forbidden', false],
    [404, 'not_found', false],
    [405, 'rejected', false],
    [409, 'conflict', false],
    [410, 'gone', false],
    [413, 'too_large', false],
    [422, 'invalid_input', false],
    [429, 'rate_limited', false],
    [500, 'unavailable', true],
    [501, 'rejected', false],
    [502, 'unavailable', true],
    [504, 'unavailable', true],
  ])('%i is %s', (status, kind, fateUnknown) => {
    const error = parse(status, { detail: 'some reason' });
    expect(error).toMatchObject({ kind, status, fateUnknown, detail: 'some reason' });
  });

  it.each<[string, unknown, string]>([
    ['a text', { detail: 'the dataset exists' }, 'the dataset exists'],
    [
      'a list of faults',
      {
        detail: [
          { loc: ['body', 'target', 'dataset'], msg: 'field required', type: 'missing' },
          { loc: ['query', 'part'], msg: 'must be below 1000', type: 'less_than' },
        ],
      },
      'target.dataset: field required; query.part: must be below 1000',
    ],
    ['an object', { detail: { message: 'not yours', hint: 1 } }, 'not yours'],
    [
      'an error with facts',
      {
        error: { code: 'x', message: 'cannot be stored', column: 'draught', row: 7, value: 'deep' },
      },
      'cannot be stored (column: draught, row: 7, value: deep)',
    ],
    [
      'a Problem',
      { type: 'about:blank', title: 'Bad Gateway', status: 502, detail: 'storage is down' },
      'storage is down',
    ],
    ['a Problem without a detail', { title: 'Conflict', status: 409 }, 'Conflict'],
    [
      'an OAuth refusal',
      { error: 'invalid_client', error_description: 'who is that?' },
      'who is that?',
    ],
    ['an OAuth refusal in one word', { error: 'invalid_client' }, 'invalid_client'],
    ['nothing', '', 'HTTP 409 without an explanation'],
    ['a page', '<html>no</html>', 'HTTP 409 without an explanation'],
    ['odd members', { detail: 7, error: [], title: {} }, 'HTTP 409 without an explanation'],
  ])('is read where it is told as %s', (_form, body, detail) => {
    expect(parse(409, body).detail).toBe(detail);
  });

  it('has the code of the service, and no other text in its place', () => {
    const coded = (code: unknown) => parse(409, { error: { code, message: 'no' } }).code;
    expect(coded('value_not_castable')).toBe('value_not_castable');
    expect(coded('no code at all')).toBeUndefined();
    expect(coded(7)).toBeUndefined();
  });

  it('says when to come back', () => {
    expect(parse(429, {}, { 'retry-after': '7' }).retryAfterSeconds).toBe(7);
    const date = new Date(NOW + 30_000).toUTCString();
    expect(parse(429, {}, { 'retry-after': date }).retryAfterSeconds).toBe(30);
  });

  it('of a path that only a page answers is somebody else', () => {
    expect(parse(404, '<html>').kind).toBe('not_the_api');
  });

  it('is read whatever the body is, and shows no credential', () => {
    const secret = 'opt_abcdefgh12345678_01';
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.integer({ min: 400, max: 599 }),
        (body, status) => {
          const { detail } = parse(status, `${body}`);
          expect(detail.length).toBeGreaterThan(0);
        },
      ),
    );
    const { detail } = parse(401, {
      detail: `${secret} and Bearer eyJhbGciOi.eyJzdWIi.sig are bad`,
    });
    expect(detail).not.toMatch(/abcdefgh|eyJhbG/);
  });
});

import { describe, expect, it } from 'vitest';
import type { GeoperaErrorKind } from '../../../src/geopera/geopera_error.ts';
import { plainText } from '../../../src/geopera/plain_text.ts';
import { parseProblem } from '../../../src/geopera/problems.ts';

const NOW = Date.parse('2025-06-01T12:00:00Z');

function parse(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return parseProblem('uploads.initiate', { status, headers, body: text, now: NOW });
}

const problem = (status: number, detail: string) => ({
  type: 'about:blank',
  title: 'Refused',
  status,
  detail,
});

describe('a refusal of the API becomes one typed error', () => {
  it.each<[number, GeoperaErrorKind]>([
    [400, 'invalid_input'],
    [401, 'unauthenticated'],
    [402, 'payment_required'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [405, 'rejected'],
    [409, 'conflict'],
    [410, 'gone'],
    [413, 'rejected'],
    [422, 'invalid_input'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
  ])('by its status: %i is %s', (status, kind) => {
    const error = parse(status, problem(status, 'some reason'));
    expect(error).toMatchObject({ kind, status, detail: 'some reason' });
    expect(error.message).toBe('uploads.initiate: some reason');
  });

  it.each<[string, unknown, string]>([
    ['a Problem', problem(409, 'session is closed'), 'session is closed'],
    ['a Problem with a title alone', { title: 'Conflict', status: 409 }, 'Conflict'],
    ['an empty detail', { title: 'Conflict', detail: '' }, 'Conflict'],
    ['a message', { message: 'no such thing' }, 'no such thing'],
    [
      'an OAuth error',
      { error: 'invalid_token', error_description: 'The token has expired' },
      'The token has expired',
    ],
    ['an OAuth error without a description', { error: 'invalid_token' }, 'invalid_token'],
  ])('takes the words of %s', (_, body, detail) => {
    expect(parse(409, body).detail).toBe(detail);
  });

  it.each<[string, string]>([
    ['an HTML page', '<html><body><h1>502 Bad Gateway</h1></body></html>'],
    ['nothing', ''],
    ['a JSON list', '[1,2]'],
    ['a JSON string', '"no"'],
    ['null', 'null'],
    ['broken JSON', '{"detail":'],
  ])('says only the status of %s', (_, body) => {
    expect(parse(502, body).detail).toBe('HTTP 502 without an explanation');
  });

  it('does not know what a server fault has done, and knows that a refusal did nothing', () => {
    expect(parse(503, '').fateUnknown).toBe(true);
    expect(parse(422, '').fateUnknown).toBe(false);
    expect(parse(429, '').fateUnknown).toBe(false);
  });
});

describe('the 422 of FastAPI', () => {
  it('names each field without the word body', () => {
    const error = parse(422, {
      detail: [
        {
          loc: ['body', 'transfer_method'],
          msg: 'String should match pattern',
          type: 'string_pattern_mismatch',
          input: 'signed_url',
        },
        { loc: ['body', 'files', 0, 'name'], msg: 'Field required', type: 'missing' },
      ],
    });
    expect(error.fields).toEqual([
      { field: 'transfer_method', message: 'String should match pattern' },
      { field: 'files.0.name', message: 'Field required' },
    ]);
    expect(error.detail).toBe(
      'transfer_method: String should match pattern; files.0.name: Field required',
    );
  });

  it('keeps a location outside the body whole', () => {
    const error = parse(422, { detail: [{ loc: ['header', 'x-api-key'], msg: 'bad' }] });
    expect(error.fields).toEqual([{ field: 'header.x-api-key', message: 'bad' }]);
  });

  it('has no fields where the detail is a sentence', () => {
    expect(parse(422, { detail: 'transfer_method is not allowed' })).toMatchObject({
      fields: [],
      detail: 'transfer_method is not allowed',
    });
  });
});

describe('the scope refusal', () => {
  const words = "missing scope 'uploads:write' for 'uploads.initiate'";

  it('is read out of a 403', () => {
    expect(parse(403, problem(403, words))).toMatchObject({
      kind: 'missing_scope',
      scope: 'uploads:write',
      detail: words,
    });
  });

  it('is a plain refusal for any other status', () => {
    expect(parse(409, problem(409, words)).kind).toBe('conflict');
  });

  it('is not seen in a 403 about a role', () => {
    expect(parse(403, problem(403, 'editor role required'))).toMatchObject({
      kind: 'forbidden',
      scope: undefined,
    });
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', '7', 7],
    ['a date', 'Sun, 01 Jun 2025 12:00:30 GMT', 30],
    ['no sense', 'soon', undefined],
  ])('given as %s', (_, header, seconds) => {
    expect(parse(429, '', { 'retry-after': header }).retryAfterSeconds).toBe(seconds);
  });

  it('is absent where there is none', () => {
    expect(parse(429, '').retryAfterSeconds).toBeUndefined();
  });
});

describe('what the API writes is data', () => {
  it.each([
    ['control characters', 'one\u0000two\u001b[31mthree\r\nfour', 'one two [31mthree four'],
    ['characters that turn the writing round', 'a\u202eb', 'ab'],
    [
      'the query of a signed URL',
      'PUT https://storage.example/b/o.tif?X-Goog-Signature=SECRET&x=1 failed',
      'PUT https://storage.example/b/o.tif failed',
    ],
    [
      'the query of each of two URLs',
      '"http://a.example/?k=SECRET" and (https://b.example/x?SECRET)',
      '"http://a.example/" and (https://b.example/x',
    ],
    ['space around it', '  words \n', 'words'],
  ])('%s do not pass', (_, text, clean) => {
    expect(plainText(text)).toBe(clean);
  });

  it('is cleaned in a detail, in the message and in each refused field', () => {
    const signed = 'https://s.example/o?X-Goog-Signature=SECRET';
    const whole = parse(409, problem(409, `bad\n${signed}`));
    const listed = parse(422, { detail: [{ loc: ['body', 'u\u0007rl'], msg: signed }] });
    expect(whole.message).toBe('uploads.initiate: bad https://s.example/o');
    expect(listed.fields).toEqual([{ field: 'u rl', message: 'https://s.example/o' }]);
    expect(JSON.stringify([whole, listed])).not.toContain('SECRET');
  });

  it('is cut where it is long: 10 kB become a line', () => {
    const { detail } = parse(409, problem(409, 'x'.repeat(10_000)));
    expect(detail).toHaveLength(601);
    expect(detail.endsWith('x…')).toBe(true);
  });

  it('is cut also where a 422 names a thousand fields', () => {
    const detail = Array.from({ length: 1000 }, (_, i) => ({ loc: ['body', `f${i}`], msg: 'no' }));
    expect(parse(422, { detail }).detail.length).toBeLessThanOrEqual(601);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bearerCredentials } from '../../../../../src/transports/http/auth/bearer.ts';
import { listening, RawConnection } from '../raw_http.ts';

const of = (...authorization: string[]) => bearerCredentials({ authorization });

describe('an Authorization header', () => {
  it.each([
    ['Bearer gpra_abc', 'gpra_abc'],
    ['bearer a.b.c', 'a.b.c'],
    ['BEARER   aA0-._~+/==', 'aA0-._~+/=='],
    [`Bearer ${'a'.repeat(8000)}`, 'a'.repeat(8000)],
  ])('is a token: %#', (header, token) => {
    expect(of(header)).toEqual({ kind: 'token', token });
  });

  it.each(['Basic dXNlcjpwYXNz', 'Bearertoken', 'gpra_abc', '', 'Digest a="b"'])(
    'is none of ours: %j',
    (header) => {
      expect(of(header)).toEqual({ kind: 'none' });
    },
  );

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Bearer a=b',
    'Bearer ==',
    'Bearer "a"',
    'Bearer ä',
    'Bearer a\r\nX-Other: b',
    'Bearer a\n',
    `Bearer ${'a'.repeat(8192)}`,
  ])('is no proper one: %#', (header) => {
    expect(of(header)).toEqual({ kind: 'malformed' });
  });

  it('is none where there is none, and no proper one where there are two', () => {
    expect(bearerCredentials({})).toEqual({ kind: 'none' });
    expect(of('Bearer a', 'Bearer a')).toEqual({ kind: 'malformed' });
    expect(of('Basic a', 'Bearer a')).toEqual({ kind: 'malformed' });
  });
});

it('a token has only characters of tokens, whatever came', () => {
  const headers = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary' }).map((text) => `Bearer ${text}`),
    fc.base64String().map((text) => `Bearer ${text}`),
  );
  fc.assert(
    fc.property(headers, (header) => {
      const credentials = of(header);
      const token = credentials.kind === 'token' ? credentials.token : 'none';
      expect(token).toMatch(/^[\w.~+/-]+=*$/);
    }),
  );
});

it('both of two headers are seen as a server gets them, and nothing in the address', async () => {
  const { port } = await listening((request, response) => {
    response.end(bearerCredentials(request.headersDistinct).kind);
  });
  const connection = await RawConnection.open(port);
  const kinds: string[] = [];
  for (const lines of [
    'Authorization: Bearer a',
    'Authorization: Bearer a\r\nauthorization: Bearer b',
    'A: b',
  ]) {
    connection.write(`GET /mcp?access_token=a HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`);
    kinds.push((await connection.answer()).body);
  }
  expect(kinds).toEqual(['token', 'malformed', 'none']);
});

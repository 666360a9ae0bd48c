import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tokenExpiry } from '../../../src/principals/token_expiry.ts';
import { tokenOf } from './token_of.ts';

it.each<[string, number | undefined]>([
  [tokenOf({ exp: 1_700_000_000 }), 1_700_000_000_000],
  [tokenOf({ exp: 1.5 }), 1500],
  [tokenOf({}), undefined],
  [tokenOf({ exp: '1700000000' }), undefined],
  [tokenOf({ exp: -1 }), undefined],
  [tokenOf({ exp: 1e300 }), undefined],
  ['gpra_key', undefined],
  ['a.b.c', undefined],
  ['a.bnVsbA.c', undefined],
  ['', undefined],
])('%#', (token, expiry) => {
  expect(tokenExpiry(token)).toBe(expiry);
});

it('nothing makes it throw', () => {
  const payloads = fc
    .oneof(fc.json(), fc.string())
    .map((text) => Buffer.from(text).toString('base64url'));
  fc.assert(
    fc.property(payloads, (payload) => {
      expect(['number', 'undefined']).toContain(typeof tokenExpiry(`a.${payload}.c`));
    }),
  );
});

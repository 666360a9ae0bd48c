import { describe, expect, it } from 'vitest';
import { accountFingerprint } from '../../../src/geopera/account_fingerprint.ts';

function sessionToken(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.signature`;
}

describe('the fingerprint of an account', () => {
  it('is the same for the same key, another for another, and tells nothing of it', () => {
    const key = 'gpra_0123456789';
    expect(accountFingerprint(key)).toBe(accountFingerprint(key));
    expect(accountFingerprint(key)).not.toBe(accountFingerprint('gpra_0123456780'));
    expect(accountFingerprint(key)).toMatch(/^[\w-]{16}$/);
    expect(accountFingerprint(key)).not.toContain('0123');
  });

  it('stays when a session token is renewed, and differs between people and issuers', () => {
    const claims = { iss: 'https://auth.test', sub: 'me', exp: 1 };
    const mine = accountFingerprint(sessionToken(claims));
    expect(accountFingerprint(sessionToken({ ...claims, exp: 2 }))).toBe(mine);
    expect(accountFingerprint(sessionToken({ ...claims, sub: 'you' }))).not.toBe(mine);
    expect(accountFingerprint(sessionToken({ ...claims, iss: 'other' }))).not.toBe(mine);
  });

  it.each(['a.b.c', 'a.e30.c', '..', ''])('is made of anything: %j', (token) => {
    expect(accountFingerprint(token)).toHaveLength(16);
  });
});

import { describe, expect, it } from 'vitest';
import { meetsScope, presentedToken } from '../../../src/sandbox/principals.ts';

describe('meetsScope', () => {
  it.each([
    [['items:read'], true],
    [['items:*'], true],
    [['*:read'], true],
    [['*'], true],
    [['clip:read', 'items:read'], true],
    [[], false],
    [['items:write'], false],
    [['clip:*'], false],
    [['*:write'], false],
    [['items'], false],
    [['openid', 'profile'], false],
  ])('of %j for items:read is %j', (granted, met) => {
    expect(meetsScope(granted, 'items:read')).toBe(met);
  });
});

describe('presentedToken', () => {
  it.each([
    [{ authorization: 'Bearer t' }, 't'],
    [{ authorization: 'bearer t' }, 't'],
    [{ 'x-api-key': 'k' }, 'k'],
    [{ authorization: 'Basic t', 'x-api-key': 'k' }, 'k'],
    [{ authorization: 'Bearer ' }, undefined],
    [{ 'x-api-key': '' }, undefined],
    [{}, undefined],
  ])('of %j is %j', (headers, token) => {
    expect(presentedToken(headers)).toBe(token);
  });
});

import { describe, expect, it } from 'vitest';
import { secretMembers } from '../../../../src/tools/answers/secret_members.ts';

describe('the secrets of an answer', () => {
  it.each<
    [string, Record<string, unknown>, readonly string[], string | undefined, readonly string[]]
  >([
    ['that its record names', { key: 'k', id: 'i' }, ['key', 'token'], undefined, ['key']],
    ['in an object', { link: { token: 't' } }, ['token'], undefined, ['link.token']],
    [
      'in each of a list',
      { keys: [{ key: 'a' }, { key: 'b' }] },
      ['key'],
      undefined,
      ['keys.*.key'],
    ],
    ['in each of a bare list', { results: [{ key: 'a' }] }, ['key'], undefined, ['results.*.key']],
    ['that are lists', { tiles: ['https://t/{z}'] }, ['tiles'], undefined, ['tiles']],
    ['that are objects', { key: { id: 'i', value: 'v' } }, ['key'], undefined, ['key']],
    [
      'but none that is empty',
      { key: null, token: '', url: [] },
      ['key', 'token', 'url'],
      undefined,
      [],
    ],
    ['in the part that is shown', { token: 't' }, ['token'], 'link', ['token']],
    ['that the part is', { results: 't' }, ['token'], 'link.token', ['results']],
    ['of which the part is one', { results: 't' }, ['tiles'], 'tiles.0', ['results']],
    ['in a part of a list', { key: 'a' }, ['key'], 'keys.3', ['key']],
    ['but not of a name that only begins so', { keys: 'a', my_key: 'b' }, ['key'], undefined, []],
    [
      'beside one whose name goes on',
      { url: 'https://a', url_too: 'https://s.example/o?sig=abc' },
      ['url'],
      undefined,
      ['url', 'url_too'],
    ],
  ])('%s', (_, facts, declared, part, secrets) => {
    expect(secretMembers(facts, declared, part)).toEqual(secrets);
  });

  it.each([
    'https://storage.example/o?X-Goog-Algorithm=a&X-Goog-Signature=abc',
    'https://bucket.example/o?x-amz-signature=abc',
    'https://cdn.example/o?Expires=1&Signature=abc&Key-Pair-Id=k',
    'https://blob.example/o?sv=1&sig=abc',
    'http://127.0.0.1:1/{z}/{x}/{y}.png?sig=abc',
    'https://tiles.example/{z}/{x}/{y}?api_key=abc',
    '/tiles/{z}/{x}/{y}.png?access_token=abc',
    'Fetch it from https://storage.example/o?sig=abc at once.',
    '<Get href="https://storage.example/o?a=1&amp;X-Goog-Signature=abc"/>',
    'gpra_0123456789abcdef0123',
    'The key is gpra_0123456789abcdef0123.',
    'whsec_0123456789abcdef',
    'seti_1Abc_secret_0123456789abcdef',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLi4u',
  ])('are found by their form: %s', (text) => {
    const facts = { assets: [{ a: 1 }, { href: text }], other: text };
    expect(secretMembers(facts, [])).toEqual(['assets.*.href', 'other']);
  });

  it.each([
    'https://example.com/signature=1',
    'https://example.com/o?signature=',
    'https://example.com/o?design=1',
    'sig=abc',
    'https://example.com/o?monkey=1&design=2',
    'gpra_',
    'whsec_',
    'the_secret_id',
    'eyJ.a.b',
  ])('are no other texts: %s', (text) => {
    expect(secretMembers({ text }, [])).toEqual([]);
  });

  it('are not looked for in what this server noted', () => {
    const geopera_mcp = { next: { url: 'https://s.example/o?sig=abc' } };
    expect(secretMembers({ geopera_mcp, id: 'i' }, [])).toEqual([]);
  });

  it('are named once, and so many of them', () => {
    const many = Object.fromEntries(
      Array.from({ length: 99 }, (_, at) => [`u${at}`, 'https://s.example/o?sig=a']),
    );
    expect(secretMembers(many, ['u1'])).toHaveLength(30);
  });
});

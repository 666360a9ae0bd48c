import { expect, it } from 'vitest';
import { redirectTarget } from '../../../src/transfer/urls/redirects.ts';

const answer = (status: number, location?: string | string[]) => ({
  status,
  headers: { location },
  body: (async function* () {})(),
});

it.each([
  ['https://a.example/x/y', 302, 'https://b.example/z', 'https://b.example/z'],
  ['https://a.example/x/y', 301, 'z?sig=1', 'https://a.example/x/z?sig=1'],
  ['https://a.example/x/y', 308, '//b.example/z', 'https://b.example/z'],
  ['http://a.example/x', 307, 'http://b.example/x', 'http://b.example/x'],
  ['http://a.example/x', 303, 'https://a.example/x', 'https://a.example/x'],
  ['http://127.0.0.1:80/x', 302, 'http://localhost:81/x', 'http://localhost:81/x'],
  ['https://a.example/x', 200, 'https://b.example/', undefined],
  ['https://a.example/x', 304, 'https://b.example/', undefined],
])('%s, %i to %s: %s', (from, status, location, to) => {
  expect(redirectTarget(new URL(from), answer(status, location))?.href).toBe(to);
});

it.each([
  ['https://a.example/x', 'http://a.example/x'],
  ['https://a.example/x', 'http://127.0.0.1/x'],
  ['https://127.0.0.1/x', 'http://127.0.0.1/x'],
  ['http://a.example/x', 'http://[::1]/x'],
  ['https://a.example/x', 'https://user:pw@b.example/x'],
  ['https://a.example/x', 'data:text/plain,x'],
  ['https://a.example/x', 'javascript:alert(1)'],
  ['https://a.example/x', ''],
  ['https://a.example/x', 'https://['],
])('%s to %s is refused', (from, location) => {
  expect(() => redirectTarget(new URL(from), answer(302, location))).toThrow(
    expect.objectContaining({ code: 'redirect_refused', status: 302 }),
  );
});

it('without a place to go is refused', () => {
  expect(() => redirectTarget(new URL('https://a.example/x'), answer(302))).toThrow(/without/);
});

import { expect, it } from 'vitest';
import { signedUrlExpiry } from '../../../src/transfer/urls/signed_url_expiry.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');

it.each([
  ['X-Goog-Date=20260301T115000Z&X-Goog-Expires=600', NOON],
  ['x-amz-date=20260301T110000Z&x-amz-expires=3600', NOON],
  [`GoogleAccessId=a&Expires=${NOON / 1000}&Signature=b`, NOON],
  ['sv=2024&se=2026-03-01T12%3A00%3A00Z&sig=abc', NOON],
  ['se=2026-03-01T12%3A00%3A00Z', undefined],
  ['X-Goog-Date=20260301T115000Z', undefined],
  ['X-Goog-Date=20260301T115000Z&X-Goog-Expires=', undefined],
  ['X-Goog-Expires=600', undefined],
  ['X-Goog-Date=yesterday&X-Goog-Expires=600', undefined],
  ['expires=soon', undefined],
  ['', undefined],
])('%s', (query, end) => {
  expect(signedUrlExpiry(new URL(`https://s.example/o?${query}`))).toBe(end);
});

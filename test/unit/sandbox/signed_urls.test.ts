import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UrlSigner } from '../../../src/sandbox/signed_urls.ts';

const ORIGIN = 'http://127.0.0.1:4000';
const signer = new UrlSigner('key', ORIGIN);
const signedAt = new Date('2026-03-04T05:06:07Z');

function requestOf(url: string, method: string, headers: Record<string, string> = {}) {
  const { pathname, searchParams } = new URL(url);
  const all = { host: '127.0.0.1:4000', ...headers };
  return { method, rawPath: pathname, query: searchParams, headers: all };
}

const fileName = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((name) => name !== '.' && name !== '..' && !/[\r\n\uD800-\uDFFF]/.test(name));

describe('a signed URL', () => {
  it('is good for what it was signed for, whatever the file is called', () => {
    fc.assert(
      fc.property(fileName, fc.stringMatching(/^[a-z]+\/[a-z0-9.+-]+$/), (name, contentType) => {
        const objectPath = `uploads/u_1/${name}`;
        const url = signer.sign({
          method: 'PUT',
          bucket: 'b',
          objectPath,
          contentType,
          signedAt,
          lifetimeSeconds: 60,
        });
        const { pathname } = new URL(url);
        const [, , , ...segments] = pathname.split('/');
        expect(segments.map(decodeURIComponent).join('/')).toBe(objectPath);
        const good = requestOf(url, 'PUT', { 'content-type': contentType });
        expect(signer.verify(good, signedAt)).toEqual({ ok: true });
        const other = requestOf(url, 'PUT', { 'content-type': `${contentType}x` });
        expect(signer.verify(other, signedAt)).toEqual({ ok: false, reason: 'mismatch' });
      }),
    );
  });

  const url = signer.sign({
    method: 'GET',
    bucket: 'b',
    objectPath: 'uploads/u_1/a.tif',
    signedAt,
    lifetimeSeconds: 60,
  });
  const later = (seconds: number) => new Date(signedAt.getTime() + seconds * 1000);

  it.each([
    ['GET', 0, { ok: true }],
    ['HEAD', 60, { ok: true }],
    ['GET', 61, { ok: false, reason: 'expired' }],
    ['PUT', 0, { ok: false, reason: 'mismatch' }],
  ])('for GET is, for %s after %i s, %j', (method, seconds, verdict) => {
    expect(signer.verify(requestOf(url, method), later(seconds))).toEqual(verdict);
  });

  it('is no good with another host, key or signature', () => {
    const elsewhere = requestOf(url, 'GET', { host: 'localhost:4000' });
    expect(signer.verify(elsewhere, signedAt)).toMatchObject({ reason: 'mismatch' });
    const stranger = new UrlSigner('other', ORIGIN);
    expect(stranger.verify(requestOf(url, 'GET'), signedAt)).toMatchObject({ reason: 'mismatch' });
    const short = requestOf(url.slice(0, -1), 'GET');
    expect(signer.verify(short, signedAt)).toMatchObject({ reason: 'mismatch' });
  });

  it('carries no key', () => {
    expect(url).not.toContain('GOOG4key');
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      'X-Goog-Algorithm': 'GOOG4-HMAC-SHA256',
      'X-Goog-Date': '20260304T050607Z',
      'X-Goog-Expires': '60',
      'X-Goog-SignedHeaders': 'host',
      'X-Goog-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

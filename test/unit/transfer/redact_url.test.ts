import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactText, redactUrl } from '../../../src/transfer/urls/redact_url.ts';

describe('a redacted URL', () => {
  it.each([
    ['https://h.example:8443/a/b.tif?sig=1#f', 'https://h.example:8443/a/b.tif?…'],
    ['https://user:pw@h.example/a', 'https://h.example/a'],
    ['nonsense?sig=1', '(not a URL)'],
  ])('%s: %s', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted);
    expect(redactText(`see ${url}`)).not.toMatch(/sig=1|pw/);
  });

  it('holds no part of any query', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.stringMatching(/^[A-Za-z0-9]{12,40}$/), (base, secret) => {
        const url = `${base.split('?')[0]}?X-Goog-Signature=${secret}`;
        fc.pre(!base.includes(secret));
        expect(redactUrl(url)).not.toContain(secret);
        expect(redactText(`failed at ${url}, again`)).not.toContain(secret);
      }),
    );
  });
});

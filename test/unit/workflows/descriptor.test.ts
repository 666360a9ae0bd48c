import { describe, expect, it } from 'vitest';
import { descriptorUrl } from '../../../src/workflows/descriptor.ts';

const URL_A = 'https://storage.example/a?X-Goog-Signature=SECRET';
const URL_B = 'https://storage.example/b';

describe('the URL of a download descriptor', () => {
  it.each<[string, unknown, string]>([
    ['url', { url: URL_A, size: 3 }, URL_A],
    ['download_url', { download_url: URL_A }, URL_A],
    ['signed_url', { signed_url: URL_A }, URL_A],
    ['href', { href: URL_A, rel: 'self' }, URL_A],
    ['url before the others', { href: URL_B, download_url: URL_B, url: URL_A }, URL_A],
    ['the first that holds one', { url: null, download_url: '', href: URL_A }, URL_A],
    ['the first that is one', { url: '/files/a', signed_url: URL_A }, URL_A],
  ])('is read from %s', (_, descriptor, url) => {
    expect(descriptorUrl('items.asset.download', descriptor)).toBe(url);
  });

  it.each<[string, unknown, string]>([
    ['no such key', { id: 'a', size: 3 }, 'id, size'],
    ['an empty object', {}, 'none'],
    ['a list', [{ url: URL_A }], 'none'],
    ['a bare string', URL_A, 'none'],
    ['nothing', undefined, 'none'],
    ['a number', { url: 7 }, 'url'],
    ['what is no URL', { url: 'not one SECRET' }, 'url'],
  ])('is missed in %s, told by its keys alone', (_, descriptor, keys) => {
    const read = () => descriptorUrl('items.asset.download', descriptor);
    expect(read).toThrow(
      expect.objectContaining({
        kind: 'unexpected_answer',
        operationId: 'items.asset.download',
        detail: `the descriptor holds no download URL (its keys: ${keys})`,
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileContent } from '../../../src/resources/file_content.ts';
import type { Content } from '../../../src/resources/resource_kind.ts';

const bytesOf = (content: Content) =>
  'text' in content ? Buffer.from(content.text, 'utf8') : Buffer.from(content.blob, 'base64');

describe('the content of a file', () => {
  it('is its bytes, whatever they are and whatever they are called', () => {
    const type = fc.constantFrom('text/csv', 'application/json', 'image/tiff');
    fc.assert(
      fc.property(fc.uint8Array(), type, (array, mimeType) => {
        const bytes = Buffer.from(array);
        expect(bytesOf(fileContent(bytes, mimeType)).equals(bytes)).toBe(true);
      }),
    );
  });

  it.each([
    ['text/csv; charset=utf-8', 'a,ö\n', true],
    ['application/json', '{}', true],
    ['application/geo+json', '{}', true],
    ['application/xml', '<a/>', true],
    ['text/plain', '\ufeffwith a mark', true],
    ['image/tiff', 'II*', false],
    ['application/json5', '{}', false],
    ['application/zip', 'text', false],
    ['application/x-text/plain', 'text', false],
  ])('of %s is text: %j %s', (mimeType, text, isText) => {
    expect('text' in fileContent(Buffer.from(text), mimeType)).toBe(isText);
  });

  it('fits into a message that clients take, also where text is longer in JSON', () => {
    const quotes = Buffer.alloc(7 * 1024 * 1024, '"');
    const message = JSON.stringify(fileContent(quotes, 'text/plain'));
    expect(message.length).toBeLessThan(10 * 1024 * 1024 - 100_000);
  });
});

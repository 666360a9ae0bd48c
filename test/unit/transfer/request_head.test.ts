import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/transfer/failures/transfer_error.ts';
import { requestHead } from '../../../src/transfer/http/request_head.ts';

const URL_WITH_PORT = new URL('https://storage.example:8443/a%20b/c.tif?sig=a%2Bb&x=1');

describe('the head of a GET', () => {
  it('holds the fields that were given, Host and Connection, nothing else', () => {
    expect(requestHead('GET', URL_WITH_PORT, { Range: 'bytes=0-', 'If-Match': '"a"' })).toBe(
      [
        'GET /a%20b/c.tif?sig=a%2Bb&x=1 HTTP/1.1',
        'Host: storage.example:8443',
        'Connection: keep-alive',
        'Range: bytes=0-',
        'If-Match: "a"',
        '',
        '',
      ].join('\r\n'),
    );
    expect(requestHead('GET', new URL('http://[::1]:80'), {})).toContain(
      'GET / HTTP/1.1\r\nHost: [::1]\r\n',
    );
  });

  it.each([
    ['', 'a'],
    ['a b', 'a'],
    ['a:', 'a'],
    ['a\r\nb', 'a'],
    ['ä', 'a'],
    ['Host', 'elsewhere.example'],
    ['transfer-encoding', 'chunked'],
    ['CONTENT-LENGTH', '5'],
    ['x', 'a\r\nHost: elsewhere.example'],
    ['x', 'a\nb'],
    ['x', 'a\0b'],
    ['x', 'ŝ'],
  ])('refuses the field %j: %j and does not show its value', (name, value) => {
    const head = () => requestHead('GET', URL_WITH_PORT, { [name]: value });
    expect(head).toThrow(TransferError);
    expect(head).toThrow(/^the signed request is not one that HTTP allows \([^\r\n]*\)\.$/);
    expect(head).not.toThrow(/elsewhere/);
  });

  it('is one head of the expected lines, whatever it is made of', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(text, text, text, text, (path, query, name, value) => {
        const url = new URL('https://a.example/');
        url.pathname = path;
        url.search = query;
        let head: string;
        try {
          head = requestHead('GET', url, { [name]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(TransferError);
          return;
        }
        const lines = head.split(/\r|\n|\r\n/).filter((line) => line !== '');
        expect(lines).toHaveLength(4);
        expect(lines[0]).toMatch(/^GET \/\S* HTTP\/1\.1$/);
        expect(lines[3]).toBe(`${name}: ${value}`);
      }),
      { numRuns: 500 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/transfer/failures/transfer_error.ts';
import {
  HeadReader,
  keepsConnection,
  MOST_FIELDS,
  MOST_HEAD_BYTES,
  type ResponseHead,
} from '../../../src/transfer/http/response_head.ts';

/** Cuts bytes at the given places, which may fall outside. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [
    ...new Set([0, ...cuts.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength]),
  ];
  at.sort((a, b) => a - b);
  return at.slice(1).map((end, n) => bytes.subarray(at[n], end));
}

function read(text: string | Uint8Array, cuts: readonly number[] = []) {
  const reader = new HeadReader();
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  let rest = Buffer.alloc(0);
  let head: ResponseHead | undefined;
  for (const piece of pieces(bytes, cuts)) {
    // The connection's memory is used again for the next piece.
    const memory = Buffer.from(piece);
    if (head !== undefined) {
      rest = Buffer.concat([rest, memory]);
      continue;
    }
    const result = reader.push(memory);
    head = result?.head;
    rest = Buffer.from(result?.rest ?? []);
    memory.fill(0);
  }
  return head === undefined ? undefined : { head, rest: rest.toString('latin1') };
}

const cutsOf = fc.array(fc.nat(), { maxLength: 20 });

describe('the head of an answer', () => {
  it('gives status and fields by lower-case name, and what came after it', () => {
    const text =
      'HTTP/1.1 206 Partial Content\r\nContent-Length:5\r\nX-Goog-Hash: crc32c=AA==\r\n' +
      'x-goog-hash: \t md5=BB== \r\nETag: "\xe4"\r\nEmpty:\r\n__proto__: x\r\n\r\nhello';
    expect(read(text)).toEqual({
      head: {
        status: 206,
        minorVersion: 1,
        headers: Object.fromEntries([
          ['content-length', '5'],
          ['x-goog-hash', ['crc32c=AA==', 'md5=BB==']],
          ['etag', '"\xe4"'],
          ['empty', ''],
          ['__proto__', 'x'],
        ]),
      },
      rest: 'hello',
    });
  });

  it.each([
    'HTTP/1.1 200\r\n\r\n',
    'HTTP/1.1 200 \r\n\r\n',
    'HTTP/1.0 200 OK\r\n\r\n',
    'HTTP/1.1 999 ?\r\n\r\n',
  ])('may be %j', (text) => {
    expect(read(text)?.head.headers).toEqual({});
  });

  it.each([
    ['no answer', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['a page with no head', '<html>'],
    ['an empty line first', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\na : b\r\n\r\n'],
    ['a field without a colon', 'HTTP/1.1 200 OK\r\na\r\n\r\n'],
    ['a field without a name', 'HTTP/1.1 200 OK\r\n: b\r\n\r\n'],
    ['a line feed alone', 'HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n'],
    ['a carriage return alone', 'HTTP/1.1 200 OK\r\na: b\rc: d\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\na: b\0\r\n\r\n'],
  ])('is refused with %s', (_what, text) => {
    expect(() => read(text)).toThrow(TransferError);
    expect(() => read(text)).toThrow(/^storage's answer does not follow HTTP/);
    expect(() =>
      read(
        text,
        [...text].map((_, n) => n),
      ),
    ).toThrow(TransferError);
  });

  it('has so many bytes and fields at most', () => {
    const fields = (n: number) => `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(n)}\r\n`;
    expect(read(fields(MOST_FIELDS))?.head.headers['a']).toHaveLength(MOST_FIELDS);
    expect(() => read(fields(MOST_FIELDS + 1))).toThrow(TransferError);
    const long = (bytes: number) =>
      `HTTP/1.1 200 OK\r\na: ${'b'.repeat(bytes - 'HTTP/1.1 200 OK\r\na: \r\n\r\n'.length)}\r\n\r\n`;
    for (const cuts of [[], [1], [MOST_HEAD_BYTES - 1]]) {
      expect(read(`${long(MOST_HEAD_BYTES)}x`, cuts)).toMatchObject({ rest: 'x' });
      expect(() => read(long(MOST_HEAD_BYTES + 1), cuts)).toThrow(TransferError);
    }
  });

  it('is the same however its bytes are cut', () => {
    const word = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, value), { maxLength: 8 }),
        fc.string({ maxLength: 40 }),
        cutsOf,
        (fields, body, cuts) => {
          const lines = fields.map(([name, text]) => `${name}: ${text}\r\n`).join('');
          const text = `HTTP/1.1 200 OK\r\n${lines}\r\n${Buffer.from(body).toString('latin1')}`;
          const whole = read(text);
          expect(whole?.rest).toBe(Buffer.from(body).toString('latin1'));
          expect(Object.values(whole?.head.headers ?? {}).flat()).toHaveLength(fields.length);
          expect(read(text, cuts)).toEqual(whole);
        },
      ),
    );
  });

  it('takes or refuses any bytes alike, however they are cut', () => {
    const soup = fc.array(
      fc.constantFrom(
        'HTTP/1.1 200 OK',
        'HTTP/1.',
        '\r\n',
        '\r\n\r\n',
        'a: b',
        ' ',
        ':',
        '\n',
        '\0',
      ),
    );
    const outcome = (text: string, cuts: readonly number[]) => {
      try {
        return read(text, cuts);
      } catch (error) {
        expect(error).toBeInstanceOf(TransferError);
        return 'refused';
      }
    };
    fc.assert(
      fc.property(soup, cutsOf, (parts, cuts) => {
        expect(outcome(parts.join(''), cuts)).toEqual(outcome(parts.join(''), []));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a connection is kept', () => {
  it.each([
    [1, undefined, true],
    [1, 'close', false],
    [1, 'Keep-Alive, Close', false],
    [1, ['keep-alive', 'close'], false],
    [0, undefined, false],
    [0, 'keep-alive', true],
    [2, undefined, true],
  ])('HTTP/1.%i, Connection: %j → %j', (minorVersion, connection, kept) => {
    expect(keepsConnection({ status: 200, minorVersion, headers: { connection } })).toBe(kept);
  });
});

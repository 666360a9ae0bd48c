import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/transfer/failures/transfer_error.ts';
import { bodyFraming } from '../../../src/transfer/http/body_framing.ts';
import {
  MOST_SIZE_LINE_BYTES,
  MOST_TRAILER_BYTES,
} from '../../../src/transfer/http/chunked_body.ts';
import type { Ending } from '../../../src/transfer/http/connection.ts';
import { IncomingBody } from '../../../src/transfer/http/incoming_body.ts';
import type { ResponseHeaders } from '../../../src/transfer/http/response_headers.ts';
import { KeepingSink } from '../../faults/transfer/sinks.ts';

/** A body whose line is played by the test. */
function incoming(headers: ResponseHeaders, status = 200) {
  const framing = bodyFraming({ status, minorVersion: 1, headers });
  const line = { state: 'open' as 'open' | 'kept' | 'destroyed' };
  const body: IncomingBody = new IncomingBody({
    status,
    headers,
    decoder: framing.decoder,
    line: {
      pause() {},
      resume() {},
      release: () => {
        line.state = framing.keepsConnection ? 'kept' : 'destroyed';
      },
      destroy(ending) {
        line.state = 'destroyed';
        body.ended(ending);
      },
    },
  });
  return { body, line };
}

/** Delivers bytes as a connection does: into the room it asked for last, else into memory of its own. */
function deliver(body: IncomingBody, line: { state: string }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) {
    if (line.state !== 'open') {
      // A connection that nobody receives from, and that hears something.
      line.state = 'destroyed';
      return;
    }
    const room = body.room();
    const piece = bytes.subarray(at, at + (room ?? bytes).byteLength);
    at += piece.byteLength;
    if (room === undefined) {
      const memory = Buffer.from(piece);
      body.received(memory);
      memory.fill(0xee);
    } else {
      room.set(piece);
      body.filled(piece.byteLength);
    }
  }
}

const CHUNKED = { 'transfer-encoding': 'chunked' };
const latin1 = (text: string) => Buffer.from(text, 'latin1');

interface Delivery {
  readonly headers: ResponseHeaders;
  readonly bytes: Uint8Array;
  readonly cuts?: readonly number[];
  /** How many of the pieces come before the body is poured. */
  readonly early?: number;
  readonly roomBytes?: number;
  readonly most?: number;
  readonly ending?: Ending;
}

/** What a reader gets of it all, and what becomes of the line. */
async function poured(delivery: Delivery) {
  const { bytes, cuts = [], early = 0, ending = { kind: 'closed' } } = delivery;
  const { body, line } = incoming(delivery.headers);
  const at = [0, ...cuts.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength];
  at.sort((a, b) => a - b);
  const pieces = at.slice(1).map((end, n) => bytes.subarray(at[n], end));
  const sink = new KeepingSink(delivery.roomBytes, delivery.most);
  for (const piece of pieces.slice(0, early)) body.received(new Uint8Array(piece));
  const result = body.pour(sink).catch((error: unknown) => {
    expect(error).toBeInstanceOf(TransferError);
    return error instanceof TransferError ? error.code : '';
  });
  for (const piece of pieces.slice(early)) {
    try {
      deliver(body, line, piece);
    } catch (reason) {
      // As the connection does with what its receiver throws.
      body.ended({ kind: 'stopped', reason });
    }
  }
  body.ended(ending);
  return { result: await result, bytes: sink.bytes.toString('latin1'), line: line.state };
}

function chunked(parts: readonly string[], extension = '', trailer = ''): string {
  const chunks = parts.map((part) => `${part.length.toString(16)}${extension}\r\n${part}\r\n`);
  return `${chunks.join('')}0\r\n${trailer}\r\n`;
}

const part = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', '\xff'), minLength: 1 });
const cutting = {
  cuts: fc.array(fc.nat(), { maxLength: 30 }),
  early: fc.nat(10),
  roomBytes: fc.integer({ min: 1, max: 20 }),
};

describe('a body', () => {
  it('in chunks is the same however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(part),
        fc.constantFrom('', ';a=b', ' ;x', ';q="\xff"'),
        fc.constantFrom('', 'a: b\r\n', 'a: b\r\nc: d\r\n'),
        fc.record(cutting),
        async (parts, extension, trailer, cut) => {
          const bytes = latin1(chunked(parts, extension, trailer));
          expect(await poured({ headers: CHUNKED, bytes, ...cut })).toEqual({
            result: 'whole',
            bytes: parts.join(''),
            line: 'kept',
          });
        },
      ),
    );
  });

  it('of a length is the same however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(part, fc.record(cutting), async (text, cut) => {
        const headers = { 'content-length': String(text.length) };
        expect(await poured({ headers, bytes: latin1(text), ...cut })).toEqual({
          result: 'whole',
          bytes: text,
          line: 'kept',
        });
      }),
    );
  });

  it('that ends with its connection is the same however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(part, fc.record(cutting), async (text, cut) => {
        expect(await poured({ headers: {}, bytes: latin1(text), ...cut })).toEqual({
          result: 'whole',
          bytes: text,
          line: 'destroyed',
        });
      }),
    );
  });

  it('of any bytes at all comes to an end, and gives no byte beyond its length', async () => {
    const soup = fc
      .array(fc.constantFrom('0', '1', 'f', 'ff', '\r\n', '\r', '\n', ';', ' ', 'x', '0\r\n\r\n'))
      .map((parts) => latin1(parts.join('')));
    await fc.assert(
      fc.asyncProperty(
        soup,
        fc.constantFrom<ResponseHeaders>(CHUNKED, { 'content-length': '3' }, {}),
        fc.record(cutting),
        async (bytes, headers, cut) => {
          const whole = await poured({ headers, bytes });
          const inPieces = await poured({ headers, bytes, ...cut });
          expect(inPieces).toEqual(whole);
          if ('content-length' in headers) expect(whole.bytes.length).toBeLessThanOrEqual(3);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each<[string, ResponseHeaders, string]>([
    ['a length', { 'content-length': '5' }, 'hello'],
    ['a length, with more behind it', { 'content-length': '5' }, 'hello!'],
    ['chunks', CHUNKED, chunked(['hel', 'lo'])],
    ['the end', {}, 'hello'],
  ])('stops where its reader has enough, framed by %s', async (_what, headers, text) => {
    for (const most of [0, 1, 4]) {
      for (const early of [0, 1]) {
        expect(await poured({ headers, bytes: latin1(text), most, early })).toEqual({
          result: 'enough',
          bytes: 'hello'.slice(0, most),
          line: 'destroyed',
        });
      }
    }
  });

  it('cut short is lost, and says how much came', async () => {
    const { body, line } = incoming({ 'content-length': '5' });
    const result = body.pour(new KeepingSink());
    deliver(body, line, latin1('hel'));
    body.ended({ kind: 'closed' });
    await expect(result).rejects.toMatchObject({
      code: 'connection_lost',
      outcome: 'transient',
      bytesTransferred: 3,
    });
  });

  it.each<[string, ResponseHeaders, string]>([
    ['a length', { 'content-length': '3' }, 'abc'],
    ['chunks', CHUNKED, chunked(['abc'])],
    ['no body', { 'content-length': '0' }, ''],
  ])(
    'followed by bytes that are not its own is whole, and its connection ends: %s',
    async (_what, headers, text) => {
      // As one piece before the reader came: what a connection reads in one go.
      const bytes = latin1(`${text}HTTP/1.1 200 OK\r\n`);
      const { result, line } = await poured({ headers, bytes, early: 1 });
      expect({ result, line }).toEqual({ result: 'whole', line: 'destroyed' });
    },
  );

  it.each([
    ['no size', '\r\n'],
    ['a size that is no number', 'xyz\r\n'],
    ['a negative size', '-1\r\n'],
    ['a size with 0x', '0x5\r\nhello\r\n'],
    ['a size beyond what numbers hold', 'fffffffffffffff\r\n'],
    ['a size of many zeros', `${'0'.repeat(17)}5\r\n`],
    ['a line feed alone', '5\nhello\r\n'],
    ['a chunk that is too long', '5\r\nhello!\r\n0\r\n\r\n'],
    ['a chunk that is too short', '6\r\nhello\r\n0\r\n\r\n'],
    ['an endless extension', `5;${'a'.repeat(MOST_SIZE_LINE_BYTES)}`],
    ['an endless trailer', `0\r\n${'a: b\r\n'.repeat(MOST_TRAILER_BYTES / 4)}`],
    ['a control character', '5;\0\r\nhello\r\n'],
  ])('in chunks is refused with %s', async (_what, text) => {
    const cuts = [...text.slice(0, 40)].map((_, n) => n);
    expect(await poured({ headers: CHUNKED, bytes: latin1(text) })).toMatchObject({
      result: 'connection_lost',
      line: 'destroyed',
    });
    expect(await poured({ headers: CHUNKED, bytes: latin1(text), cuts })).toMatchObject({
      result: 'connection_lost',
    });
  });

  it('that was discarded frees its connection if it is there already, else ends it', async () => {
    for (const [headers, text, state] of [
      [{ 'content-length': '3' }, 'abc', 'kept'],
      [{ 'content-length': '3' }, 'ab', 'destroyed'],
      [{ 'content-length': '3' }, 'abcd', 'destroyed'],
      [{ 'content-length': '0' }, '', 'kept'],
      [CHUNKED, chunked(['abc']), 'kept'],
      [CHUNKED, '3\r\nab', 'destroyed'],
      [{}, 'abc', 'destroyed'],
    ] as const) {
      const { body, line } = incoming(headers);
      if (text !== '') body.received(latin1(text));
      body.discard();
      body.discard();
      expect(line.state).toBe(state);
      await expect(body.pour(new KeepingSink())).rejects.toThrow('discarded');
    }
  });

  it('is poured once', async () => {
    const { body } = incoming({ 'content-length': '0' });
    expect(await body.pour(new KeepingSink())).toBe('whole');
    await expect(body.pour(new KeepingSink())).rejects.toThrow('once');
  });

  it('refuses a reader with room for nothing, which would never end', async () => {
    const { body, line } = incoming({ 'content-length': '1' });
    const sink = { room: () => new Uint8Array(0), took() {} };
    await expect(body.pour(sink)).rejects.toThrow(RangeError);
    expect(line.state).toBe('destroyed');
  });

  it('is not whole before its reader is done with the last bytes', async () => {
    const { body, line } = incoming({ 'content-length': '3' });
    let fail = (_error: Error) => {};
    const sink = new KeepingSink();
    const failing = {
      room: () => sink.room(),
      took: () =>
        new Promise<void>((_resolve, reject) => {
          fail = reject;
        }),
    };
    const result = body.pour(failing);
    deliver(body, line, latin1('abc'));
    expect(line.state).toBe('kept');
    fail(new Error('the disk is full'));
    await expect(result).rejects.toThrow('the disk is full');
  });
});

describe('the framing of an answer', () => {
  const framed = (headers: ResponseHeaders, status = 200, minorVersion = 1) => {
    const { decoder, keepsConnection } = bodyFraming({ status, minorVersion, headers });
    return [decoder.constructor.name, decoder.plain, keepsConnection];
  };

  it.each<[ResponseHeaders, number, number, unknown]>([
    [{ 'content-length': '5' }, 200, 1, ['LengthBody', 5, true]],
    [{ 'content-length': '5' }, 200, 0, ['LengthBody', 5, false]],
    [{ 'content-length': '005' }, 200, 1, ['LengthBody', 5, true]],
    [{ 'content-length': ['5', '5'] }, 200, 1, ['LengthBody', 5, true]],
    [{ 'content-length': '5, 5' }, 200, 1, ['LengthBody', 5, true]],
    [{ 'content-length': '5', connection: 'close' }, 200, 1, ['LengthBody', 5, false]],
    [{ 'content-length': '5' }, 204, 1, ['LengthBody', 0, true]],
    [{ 'content-length': '5' }, 304, 1, ['LengthBody', 0, true]],
    [{ 'transfer-encoding': 'Chunked' }, 200, 1, ['ChunkedBody', 0, true]],
    [{ 'transfer-encoding': 'chunked', 'content-length': '5' }, 200, 1, ['ChunkedBody', 0, false]],
    [{}, 200, 1, ['UntilCloseBody', Number.POSITIVE_INFINITY, false]],
    [{ connection: 'keep-alive' }, 200, 0, ['UntilCloseBody', Number.POSITIVE_INFINITY, false]],
  ])('%j, status %i, HTTP/1.%i → %j', (headers, status, minor, expected) => {
    expect(framed(headers, status, minor)).toEqual(expected);
  });

  it.each<[ResponseHeaders, number]>([
    [{ 'content-length': '' }, 1],
    [{ 'content-length': '-1' }, 1],
    [{ 'content-length': '+1' }, 1],
    [{ 'content-length': '1.5' }, 1],
    [{ 'content-length': '0x5' }, 1],
    [{ 'content-length': '5 5' }, 1],
    [{ 'content-length': '5,6' }, 1],
    [{ 'content-length': ['5', '6'] }, 1],
    [{ 'content-length': ['5', ''] }, 1],
    [{ 'content-length': '9007199254740993' }, 1],
    [{ 'transfer-encoding': 'gzip, chunked' }, 1],
    [{ 'transfer-encoding': 'chunked, chunked' }, 1],
    [{ 'transfer-encoding': 'identity' }, 1],
    [{ 'transfer-encoding': '' }, 1],
    [{ 'transfer-encoding': 'chunked' }, 0],
  ])('%j in HTTP/1.%i is refused', (headers, minor) => {
    expect(() => framed(headers, 200, minor)).toThrow(TransferError);
  });
});

import type { IncomingMessage } from 'node:http';
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { readJsonBody } from '../../../../../src/transports/http/gates/json_body.ts';
import { refuse } from '../../../../../src/transports/http/gates/json_rpc_refusal.ts';
import { Refused } from '../../../../../src/transports/http/gates/refusals.ts';
import { listening, RawConnection } from '../raw_http.ts';

const MiB = 1024 * 1024;
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

interface Reading {
  readonly connection: RawConnection;
  /** How the first request was read. */
  readonly outcome: Promise<unknown>;
  readonly request: Promise<IncomingMessage>;
}

/** A connection to a server that answers with the JSON it read, or refuses. */
async function reading(signal = new AbortController().signal): Promise<Reading> {
  let settle: (outcome: Promise<unknown>) => void = () => undefined;
  let came: (request: IncomingMessage) => void = () => undefined;
  const outcome = new Promise<unknown>((resolve) => {
    settle = resolve;
  });
  const first = new Promise<IncomingMessage>((resolve) => {
    came = resolve;
  });
  const { port } = await listening((request, response) => {
    came(request);
    const value = readJsonBody(request, signal);
    settle(value);
    value.then(
      (it) => response.end(JSON.stringify(it) ?? ''),
      (error: unknown) => {
        if (error instanceof Refused) refuse(response, { ...error.kind, requestId: 'r' });
        else response.destroy();
      },
    );
  });
  outcome.catch(() => undefined);
  return { connection: await RawConnection.open(port), outcome, request: first };
}

async function posted(body: string | Buffer, headers: readonly string[] = []) {
  const { connection, outcome } = await reading();
  const type = headers.some((line) => /^content-type/i.test(line))
    ? []
    : ['Content-Type: application/json'];
  const bytes = Buffer.from(body);
  connection.write(
    'POST /mcp HTTP/1.1',
    'Host: localhost',
    ...type,
    ...headers,
    `Content-Length: ${bytes.length}`,
    '',
    '',
  );
  connection.socket.write(bytes);
  return { outcome, answer: await connection.answer() };
}

describe('a body is read', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    [' [1, "é€😀"] ', [1, 'é€😀']],
    ['null', null],
    ['"\\u005b"', '['],
  ])('as JSON: %s', async (body, value) => {
    await expect((await posted(body)).outcome).resolves.toEqual(value);
  });

  it.each([
    'Content-Type: application/json',
    'Content-Type: Application/JSON',
    'Content-Type: application/json; charset=utf-8',
    'Content-Type: application/json ; charset="UTF-8"',
    'Content-Type: application/json;',
    'Content-Encoding: identity',
  ])('with %s', async (header) => {
    expect((await posted('{}', [header])).answer).toMatchObject({ body: '{}' });
  });

  it('in pieces, also cut within a character, without a length', async () => {
    const { connection, outcome } = await reading();
    connection.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    connection.write('Transfer-Encoding: chunked\r\n\r\n');
    for (const byte of Buffer.from('{"a":"😀"}')) {
      connection.write(`1\r\n${String.fromCharCode(byte)}\r\n`);
    }
    connection.write('0\r\n\r\n');
    await expect(outcome).resolves.toEqual({ a: '😀' });
  });

  it('up to 4 MiB', async () => {
    const text = 'x'.repeat(4 * MiB - 2);
    await expect((await posted(`"${text}"`)).outcome).resolves.toBe(text);
  });

  it('nested up to 64 deep, whatever stands in texts', async () => {
    const text = '["'.concat('['.repeat(100), '\\"', '{'.repeat(100), '\\\\"]');
    expect((await posted(nested(64))).answer.status).toBe(200);
    expect((await posted(text)).answer.status).toBe(200);
  });
});

describe('a body is refused', () => {
  it.each<[string, number, number, string | Buffer, string[]]>([
    ['text', 415, -32_000, '{}', ['Content-Type: text/plain']],
    [
      'text that mentions JSON',
      415,
      -32_000,
      '{}',
      ['Content-Type: text/plain; a=application/json'],
    ],
    ['another JSON', 415, -32_000, '{}', ['Content-Type: application/json-patch+json']],
    ['two types', 415, -32_000, '{}', ['Content-Type: application/json, text/plain']],
    ['an empty type', 415, -32_000, '{}', ['Content-Type:']],
    ['another charset', 415, -32_000, '{}', ['Content-Type: application/json; charset=utf-16']],
    ['gzip', 415, -32_000, '{}', ['Content-Encoding: gzip']],
    ['gzip at last', 415, -32_000, '{}', ['Content-Encoding: identity, gzip']],
    ['nothing', 400, -32_700, '', []],
    ['a half', 400, -32_700, '{"a":', []],
    ['two', 400, -32_700, '{}{}', []],
    ['a comment', 400, -32_700, '{}//', []],
    ['half a character', 400, -32_700, Buffer.from([0x22, 0xf0, 0x9f, 0x22]), []],
    ['a surrogate in UTF-8', 400, -32_700, Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), []],
    ['UTF-16', 400, -32_700, Buffer.from('{}', 'utf16le'), []],
    ['65 deep', 400, -32_600, nested(65), []],
    ['too many elements', 400, -32_600, `[${'0,'.repeat(30_000)}0]`, []],
    ['too many members', 400, -32_600, `{${'"a":0,'.repeat(30_000)}"a":0}`, []],
    ['deep and never closed', 400, -32_600, '{"a":'.repeat(100_000), []],
    ['__proto__', 400, -32_600, '{"a":[{"__proto__":{"b":1}}]}', []],
    ['__proto__ in escapes', 400, -32_600, '{"_\\u005Fpr\\u006fto__":1}', []],
    ['more than 4 MiB', 413, -32_000, 'x'.repeat(4 * MiB + 1), []],
  ])('%s: %i', async (_what, status, code, body, headers) => {
    const { answer } = await posted(body, headers);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code }, id: null });
  });

  it('by its length, before any of it has come', async () => {
    const { connection } = await reading();
    connection.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    connection.write(`Content-Length: ${4 * MiB + 1}\r\n\r\n`);
    expect(await connection.answer()).toMatchObject({
      status: 413,
      headers: { connection: 'close' },
    });
  });

  it('by counting where no length is told; then the connection ends, and nothing is kept', async () => {
    const { connection, outcome, request } = await reading();
    connection.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    connection.write('Transfer-Encoding: chunked\r\n\r\n');
    const chunk = `${MiB.toString(16)}\r\n${'x'.repeat(MiB)}\r\n`;
    for (let count = 0; count < 5; count += 1) connection.write(chunk);
    expect((await connection.answer()).status).toBe(413);
    await expect(outcome).rejects.toMatchObject({ reason: 'bodyTooLarge' });
    connection.write(`${chunk}0\r\n\r\n`);
    expect((await request).readableLength).toBeLessThan(MiB);
    connection.socket.end();
    expect([await connection.closed(), connection.broken]).toEqual(['', undefined]);
  });

  it('and whoever never ends one loses the connection', async () => {
    const { connection } = await reading();
    connection.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    connection.write(`Content-Length: ${1024 * MiB}\r\n\r\n`);
    const piece = Buffer.alloc(MiB, 'x');
    const send = () => {
      while (connection.socket.writable && connection.socket.write(piece));
    };
    connection.socket.on('drain', send);
    send();
    expect((await connection.answer()).status).toBe(413);
    await connection.closed();
    expect(connection.socket.bytesWritten).toBeLessThan(256 * MiB);
  });
});

describe('reading ends', () => {
  const half =
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';

  it('when the client leaves in the midst of it', async () => {
    const { connection, outcome, request } = await reading();
    connection.write(half);
    await request;
    connection.socket.destroy();
    await expect(outcome).rejects.toMatchObject({ name: 'ClientLeft' });
  });

  it.each(['before', 'in the midst of it'])('with the reason of its signal, %s', async (when) => {
    const stop = new AbortController();
    const reason = new Error('draining');
    if (when === 'before') stop.abort(reason);
    const { connection, outcome, request } = await reading(stop.signal);
    connection.write(half);
    await request;
    stop.abort(reason);
    await expect(outcome).rejects.toBe(reason);
  });
});

describe('names that are special to JavaScript', () => {
  it('change no object but their own, up to the message that a handler gets', async () => {
    const members = '{"constructor":{"prototype":{"bad":1}},"prototype":{"bad":1},"toString":1}';
    const message = `{"jsonrpc":"2.0","id":1,"method":"x","params":${members}}`;
    const value = JSONRPCMessageSchema.parse(await (await posted(message)).outcome);
    expect(value).toMatchObject({ params: JSON.parse(members) });
    expect([Reflect.get({}, 'bad'), Reflect.get(Object, 'bad'), String({})]).toEqual([
      undefined,
      undefined,
      '[object Object]',
    ]);
  });

  it('are no matter within texts', async () => {
    expect((await posted('{"a":"__proto__"}')).answer.status).toBe(200);
  });
});

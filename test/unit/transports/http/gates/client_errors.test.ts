import { once } from 'node:events';
import type { RequestListener, ServerOptions } from 'node:http';
import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { answerClientErrors } from '../../../../../src/transports/http/gates/client_errors.ts';
import { listening, RawConnection } from '../raw_http.ts';

async function connected(handler: RequestListener, options: ServerOptions = {}) {
  const { server, port } = await listening(handler, options);
  const refusals: string[] = [];
  answerClientErrors(server, (refusal) => refusals.push(refusal));
  return { connection: await RawConnection.open(port), refusals, server };
}

const silent: RequestListener = () => undefined;

describe('what is no request is answered', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['another version', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\n: a\r\n\r\n', 400],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n', 400],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['a head without an end', `GET / HTTP/1.1\r\nA: ${'x'.repeat(20_000)}`, 431],
    ['too many headers', `GET / HTTP/1.1\r\n${'A: bcd\r\n'.repeat(5_000)}\r\n`, 431],
  ])('%s', async (_what, text, status) => {
    const { connection, refusals } = await connected(silent);
    connection.write(text);
    const answer = await connection.answer();
    expect(answer).toMatchObject({
      status,
      headers: { connection: 'close', 'content-type': 'application/json' },
    });
    expect(answer.headers['x-request-id']).toMatch(/^[\w-]{16}$/);
    expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: '2.0', id: null });
    expect(await connection.closed()).toBe('');
    expect(refusals).toEqual([status === 400 ? 'malformedRequest' : 'headerTooLarge']);
  });

  it('a request that does not come in whole in time', async () => {
    const options = { headersTimeout: 1, requestTimeout: 1, connectionsCheckingInterval: 1 };
    const { connection, refusals } = await connected(silent, options);
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{');
    expect((await connection.answer()).status).toBe(408);
    expect(refusals).toEqual(['requestTimeout']);
  });

  it('a body that is no body, of a request that waits for its answer', async () => {
    const { connection } = await connected(silent);
    connection.write(
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n',
    );
    expect((await connection.answer()).status).toBe(400);
  });

  it('after whole answers on the same connection', async () => {
    const { connection } = await connected((_request, response) => response.end('x'));
    connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await connection.answer()).status).toBe(200);
    connection.write('nonsense\r\n\r\n');
    expect((await connection.answer()).status).toBe(400);
  });
});

it('nothing is put into an answer that is under way', async () => {
  const { connection, server } = await connected((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 1\n\n');
  });
  connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(server, 'request');
  await once(connection.socket, 'data');
  connection.write('nonsense\r\n\r\n');
  const text = await connection.closed();
  expect(text).toContain('data: 1');
  expect(text).not.toContain('jsonrpc');
});

describe('a socket that is of no more use', () => {
  const failing = (options: { readonly code?: string; readonly socket: Duplex }) => {
    const server = createServer();
    answerClientErrors(server);
    const error = Object.assign(new Error('broken'), { code: options.code });
    server.emit('clientError', error, options.socket);
    return options.socket;
  };

  it('that was reset, is closed', () => {
    const socket = new Duplex({ read: () => undefined, write: () => undefined });
    expect(failing({ code: 'ECONNRESET', socket }).destroyed).toBe(true);
  });

  it('that is dead already, stays so', () => {
    const socket = new Duplex({ read: () => undefined });
    socket.destroy();
    expect(failing({ socket }).destroyed).toBe(true);
  });

  it('that breaks while it is written to, is closed', async () => {
    const socket = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(new Error('EPIPE')),
    });
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    failing({ socket });
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});

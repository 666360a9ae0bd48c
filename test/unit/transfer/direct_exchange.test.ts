import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { startOfBody } from '../../../src/transfer/http/body_text.ts';
import { HttpConnections } from '../../../src/transfer/http/connection_pool.ts';
import { DirectExchange } from '../../../src/transfer/http/direct_exchange.ts';

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** A server that answers 200 to the first that comes over a connection, and its connections. */
async function server(): Promise<{ readonly url: URL; readonly sockets: readonly Socket[] }> {
  const sockets: Socket[] = [];
  const listening = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  cleanUps.push(() => listening.close());
  const { port } = listening.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/`), sockets };
}

it('a connection that an exchange was about to use ends with it', async () => {
  const { url, sockets } = await server();
  const connections = new HttpConnections({ connectMs: 10_000 });
  cleanUps.push(() => connections.close());
  const request = { method: 'PUT', url, headers: { 'Content-Length': '0' } } as const;
  const first = new DirectExchange(connections);
  first.start(request);
  await startOfBody((await first.response).body);
  await first.settled;
  const [socket] = sockets;
  if (socket === undefined) throw new Error('nothing connected');
  const closed = once(socket, 'close');
  const second = new DirectExchange(connections);
  second.start(request);
  // The resting connection is taken, and nothing was sent over it yet.
  second.abort(new Error('not any more'));
  await expect(second.response).rejects.toThrow('not any more');
  expect((await closed).length).toBe(1);
  expect(sockets).toHaveLength(1);
  expect(connections.resting(url)).toBeUndefined();
});

it('a connection that waits for the rest of a request carries no other', async () => {
  const { url } = await server();
  const connections = new HttpConnections({ connectMs: 10_000 });
  cleanUps.push(() => connections.close());
  const exchange = new DirectExchange(connections);
  exchange.start({
    method: 'PUT',
    url,
    headers: { 'Content-Length': '20' },
    body: (async function* () {
      yield Buffer.alloc(10);
      await exchange.settled;
    })(),
  });
  await startOfBody((await exchange.response).body);
  await exchange.settled;
  expect(connections.resting(url)).toBeUndefined();
});

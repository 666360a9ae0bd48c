import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Ending, HttpConnection } from '../../../src/transfer/http/connection.ts';
import type { GetChannel } from '../../../src/transfer/http/get_answer.ts';
import { type Certificate, selfSigned } from './certificate.ts';
import { engine, failure, settledAt } from './fixtures.ts';
import { KeepingSink } from './sinks.ts';

const SIGNAL = new AbortController().signal;
const closings: (() => void)[] = [];

afterEach(() => {
  for (const close of closings.splice(0)) close();
});

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    closings.push(() => socket.destroy());
  });
  closings.push(() => server.close());
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that knows what clients said when they connected. */
async function tlsServer(certificate: Certificate) {
  const handshakes: { reused: boolean; protocol: unknown }[] = [];
  const names: string[] = [];
  const http = createServer((_request: IncomingMessage, response: ServerResponse) =>
    response.end('hello'),
  );
  const server = createTlsServer(
    {
      ...certificate,
      ALPNProtocols: ['h2', 'http/1.1'],
      SNICallback(name, done) {
        names.push(name);
        done(null);
      },
    },
    (socket) => {
      socket.on('error', () => {});
      handshakes.push({ reused: socket.isSessionReused(), protocol: socket.alpnProtocol });
      http.emit('connection', socket);
    },
  );
  server.on('tlsClientError', () => {});
  return { port: await listening(server), handshakes, names, server };
}

async function fetched(channel: GetChannel, url: string): Promise<string> {
  const answer = await channel.get(new URL(url), {}, SIGNAL);
  const sink = new KeepingSink();
  await answer.pour(sink);
  return sink.bytes.toString();
}

describe('a connection', () => {
  it('is refused to a server whose certificate nobody vouches for, and is not tried again', async () => {
    const { port, handshakes } = await tlsServer(selfSigned('127.0.0.1'));
    const channel = await engine().engine.openChannel();
    expect(await failure(fetched(channel, `https://127.0.0.1:${port}/`))).toMatchObject({
      code: 'storage_unavailable',
      outcome: 'fatal',
      message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
    });
    expect(handshakes.every(({ reused }) => !reused)).toBe(true);
  });

  it('is refused to a server whose certificate is for another host', async () => {
    const certificate = selfSigned('elsewhere.example');
    const { port } = await tlsServer(certificate);
    const channel = await engine({ tls: { ca: certificate.cert } }).engine.openChannel();
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await failure(fetched(channel, `https://${host}:${port}/`))).toMatchObject({
        outcome: 'fatal',
        message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
      });
    }
  });

  it('speaks HTTP/1.1, and names a host but not an address', async () => {
    const certificate = selfSigned('127.0.0.1', 'localhost');
    const { port, handshakes, names } = await tlsServer(certificate);
    const channel = await engine({ tls: { ca: certificate.cert } }).engine.openChannel();
    expect(await fetched(channel, `https://127.0.0.1:${port}/`)).toBe('hello');
    expect(await fetched(channel, `https://localhost:${port}/`)).toBe('hello');
    expect(names).toEqual(['localhost']);
    expect(handshakes.map(({ protocol }) => protocol)).toEqual(['http/1.1', 'http/1.1']);
  });

  it('is one full handshake for all streams to an origin, and none for the next request', async () => {
    const certificate = selfSigned('127.0.0.1');
    const { port, handshakes } = await tlsServer(certificate);
    const { engine: made } = engine({ tls: { ca: certificate.cert } });
    const url = `https://127.0.0.1:${port}/`;
    const first = await made.openChannel();
    await fetched(first, url);
    const asked = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const channel = await made.openChannel();
        return channel.get(new URL(url), {}, SIGNAL);
      }),
    );
    expect(handshakes.map(({ reused }) => reused)).toEqual([false, ...Array(7).fill(true)]);
    for (const answer of asked) await answer.pour(new KeepingSink());
    await fetched(await made.openChannel(), url);
    expect(handshakes).toHaveLength(8);
  });

  it('goes on when a server has forgotten the session', async () => {
    const certificate = selfSigned('127.0.0.1');
    const { port, handshakes, server } = await tlsServer(certificate);
    const { engine: made } = engine({ tls: { ca: certificate.cert } });
    const url = new URL(`https://127.0.0.1:${port}/`);
    const first = await (await made.openChannel()).get(url, {}, SIGNAL);
    server.setTicketKeys(Buffer.alloc(48, 3));
    await (await made.openChannel()).get(url, {}, SIGNAL);
    expect(handshakes.map(({ reused }) => reused)).toEqual([false, false]);
    first.discard();
  });

  it('tries all addresses of a host', async () => {
    const http = createServer((_request, response) => response.end('hello'));
    const port = await listening(http, '127.0.0.1');
    const channel = await engine().engine.openChannel();
    // The first may be [::1], where nobody listens.
    expect(await fetched(channel, `http://localhost:${port}/`)).toBe('hello');
  });

  it('that nobody accepts is a storage that cannot be reached', async () => {
    const server = createNetServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    const channel = await engine().engine.openChannel();
    expect(await failure(fetched(channel, `http://127.0.0.1:${port}/`))).toMatchObject({
      code: 'storage_unavailable',
      outcome: 'transient',
    });
  });

  it('that does not come up in time is given up, TLS included', async () => {
    const port = await listening(createNetServer());
    const channel = await engine({ limits: { connectMs: 20 } }).engine.openChannel();
    expect(await failure(fetched(channel, `https://127.0.0.1:${port}/`))).toMatchObject({
      code: 'storage_unavailable',
      outcome: 'transient',
      message: expect.stringContaining('ETIMEDOUT'),
    });
  });

  it('that has ended since it stood tells so whoever sends over it', async () => {
    const port = await listening(createNetServer());
    const connection = new HttpConnection(new URL(`http://127.0.0.1:${port}/`), {
      tls: {},
      session: undefined,
      onSession() {},
      onEnd() {},
    });
    await connection.connected(10_000, []);
    connection.destroy({ kind: 'closed' });
    const endings: Ending[] = [];
    connection.send('GET / HTTP/1.1\r\n\r\n', {
      room: () => undefined,
      filled() {},
      received() {},
      ended: (ending) => endings.push(ending),
    });
    expect(endings).toEqual([{ kind: 'closed' }]);
  });

  it('that ends during the handshake is lost', async () => {
    const port = await listening(createNetServer((socket) => socket.end()));
    const channel = await engine().engine.openChannel();
    expect(await failure(fetched(channel, `https://127.0.0.1:${port}/`))).toMatchObject({
      code: 'connection_lost',
      outcome: 'transient',
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'on which the server speaks before it is asked is lost: %s',
    async (maxVersion) => {
      const certificate = selfSigned('127.0.0.1');
      const server = createTlsServer(certificate, (socket) => {
        socket.on('error', () => {});
        socket.write('SSH-2.0-OpenSSH_9.2\r\n');
      });
      const port = await listening(server);
      const tls = { ca: certificate.cert, maxVersion };
      const channel = await engine({ tls }).engine.openChannel();
      expect(await failure(fetched(channel, `https://127.0.0.1:${port}/`))).toMatchObject({
        code: 'connection_lost',
        outcome: 'transient',
      });
    },
  );

  it('is not waited for once its signal aborts', async () => {
    const server = createNetServer();
    const port = await listening(server);
    const accepted = once(server, 'connection');
    const channel = await engine().engine.openChannel();
    const cancel = new AbortController();
    const asked = channel.get(new URL(`https://127.0.0.1:${port}/`), {}, cancel.signal);
    asked.catch(() => {});
    await accepted;
    cancel.abort(new Error('enough of it'));
    await expect(asked).rejects.toThrow('enough of it');
  });

  it('that the server closed while it rested is not used', async () => {
    let n = 0;
    const http = createServer((_request, response) => response.end('hello'));
    http.on('connection', (socket) => {
      n += 1;
      if (n === 1) socket.once('data', () => setImmediate(() => socket.end()));
    });
    const port = await listening(http);
    const channel = await engine().engine.openChannel();
    await fetched(channel, `http://127.0.0.1:${port}/`);
    await settledAt(() => n);
    expect(await fetched(channel, `http://127.0.0.1:${port}/`)).toBe('hello');
    expect(n).toBe(2);
  });
});

describe('a proxy', () => {
  /** Connects wherever it is asked to go to a server of the test. */
  async function connectProxy(port: number) {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, client) => {
      asked.push(request.url ?? '');
      const server = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        server.pipe(client).pipe(server);
      });
      server.on('error', () => client.destroy());
      client.on('error', () => server.destroy());
      closings.push(() => server.destroy());
    });
    return { url: `http://127.0.0.1:${await listening(proxy)}`, asked };
  }

  it('carries what goes elsewhere, but not what goes to this machine or to NO_PROXY', async () => {
    const bytes = 'x'.repeat(300_000);
    const http = createServer((request, response) => response.end(`${request.url}${bytes}`));
    const port = await listening(http);
    const { url: proxy, asked } = await connectProxy(port);
    vi.stubEnv('HTTP_PROXY', proxy);
    vi.stubEnv('NO_PROXY', 'direct.invalid');
    const channel = await engine().engine.openChannel();
    expect(await fetched(channel, 'http://storage.invalid/a?b=c')).toBe(`/a?b=c${bytes}`);
    expect(asked).toEqual(['storage.invalid:80']);
    expect(await fetched(channel, `http://127.0.0.1:${port}/`)).toBe(`/${bytes}`);
    expect(await failure(fetched(channel, 'http://direct.invalid/'))).toMatchObject({
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
    expect(asked).toHaveLength(1);
  });
});

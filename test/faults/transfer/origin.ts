import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A server of one test, and what reached it. */
export interface Origin {
  readonly url: string;
  /** Request heads, in order. */
  readonly heads: readonly string[];
  close(): Promise<void>;
}

const PSK = Buffer.alloc(32, 7);
const PSK_CIPHERS = 'PSK-AES128-GCM-SHA256';

/** TLS by a shared key: encrypted as ever, and no certificate to keep in a repository. */
const SERVER_TLS: TlsOptions = {
  ciphers: PSK_CIPHERS,
  maxVersion: 'TLSv1.2',
  pskCallback: () => PSK,
};

export const CLIENT_TLS = {
  ciphers: PSK_CIPHERS,
  maxVersion: 'TLSv1.2',
  pskCallback: () => ({ psk: PSK, identity: 'test' }),
  checkServerIdentity: () => undefined,
} as const;

async function listen(server: Server, scheme: string, heads: string[]): Promise<Origin> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}/bucket/scene.tif`,
    heads,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

/** A server that speaks HTTP properly; `n` counts requests from 1. */
export async function httpOrigin(
  answer: (request: IncomingMessage, response: ServerResponse, n: number) => void,
  options: { readonly tls?: boolean } = {},
): Promise<Origin> {
  const heads: string[] = [];
  const http = createServer((request, response) => {
    const fields: string[] = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      fields.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
    }
    heads.push([`${request.method} ${request.url}`, ...fields].join('\n'));
    request.on('error', () => {});
    answer(request, response, heads.length);
  });
  http.on('clientError', () => {});
  if (options.tls !== true) {
    return listen(http, 'http', heads);
  }
  const tls = createTlsServer(SERVER_TLS, (socket) => {
    socket.on('error', () => {});
    http.emit('connection', socket);
  });
  tls.on('tlsClientError', () => {});
  return listen(tls, 'https', heads);
}

/** A server that writes what it likes: `act` gets the socket once the request head is in. */
export async function rawOrigin(
  act: (socket: Socket, n: number, bodyStart: Buffer) => void,
): Promise<Origin> {
  const heads: string[] = [];
  const server = createNetServer((socket) => {
    let head = Buffer.alloc(0);
    const onData = (data: Buffer) => {
      head = Buffer.concat([head, data]);
      const end = head.indexOf('\r\n\r\n');
      if (end >= 0) {
        socket.off('data', onData);
        socket.pause();
        heads.push(head.subarray(0, end).toString('latin1').replaceAll('\r\n', '\n'));
        act(socket, heads.length, head.subarray(end + 4));
      }
    };
    socket.on('data', onData);
  });
  return listen(server, 'http', heads);
}

import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const bound = z.object({ port: z.number() });

/** A server on loopback until the test ends. */
export async function listening(
  handler: RequestListener,
  options: ServerOptions = {},
): Promise<{ server: Server; port: number }> {
  const server = createServer(options, handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: bound.parse(server.address()).port };
}

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection on which a test says each byte itself. */
export class RawConnection {
  readonly socket: Socket;
  #text = '';
  #broken: Error | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      socket.emit('more');
    });
    socket.on('error', (error) => {
      this.#broken = error;
    });
    socket.on('close', () => socket.emit('more'));
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    onTestFinished(() => {
      socket.destroy();
    });
    return new RawConnection(socket);
  }

  /** What broke the connection, if anything did. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  write(...lines: string[]): this {
    this.socket.write(lines.join('\r\n'), 'latin1');
    return this;
  }

  /** The next answer with a Content-Length. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const answer = this.#take();
      if (answer !== undefined) return answer;
      if (this.socket.closed) throw new Error(`closed after ${JSON.stringify(this.#text)}`);
      await this.#more();
    }
  }

  /** Resolves with what came beyond the answers that were taken. */
  async closed(): Promise<string> {
    while (!this.socket.closed) await this.#more();
    return this.#text;
  }

  /** Resolves also when the connection breaks, where `once` would reject. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('more', resolve);
    });
  }

  #take(): RawAnswer | undefined {
    const head = this.#text.indexOf('\r\n\r\n');
    if (head < 0) return undefined;
    const [first = '', ...lines] = this.#text.slice(0, head).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const end = head + 4 + Number(headers['content-length'] ?? 0);
    if (this.#text.length < end) return undefined;
    const body = this.#text.slice(head + 4, end);
    this.#text = this.#text.slice(end);
    return { status: Number(first.split(' ')[1]), headers, body };
  }
}

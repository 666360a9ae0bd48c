import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { AbortWatch } from '../cancellable.ts';
import type { ConnectionGate } from './connection_gate.ts';

/** Takes bytes for which no receiver has room: heads, chunks, and what comes too early or too late. */
const OWN_ROOM_BYTES = 64 * 1024;

/** How a connection ended, or why it was ended. */
export type Ending =
  /** The other side has said all it had to say. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'lost'; readonly error: unknown }
  | { readonly kind: 'stopped'; readonly reason: unknown };

/** What takes the bytes of a connection; one at a time. */
export interface Receiver {
  /** Memory for the next bytes. Without it they come to `received`. */
  room(): Uint8Array | undefined;
  /** So many bytes came into the last room. */
  filled(bytes: number): void;
  /** These bytes came; they are overwritten afterwards. */
  received(bytes: Uint8Array): void;
  /** Nothing more comes. Called once at most. */
  ended(ending: Ending): void;
}

export interface ConnectOptions {
  /** For https; what the URL says comes on top. */
  readonly tls: ConnectionOptions;
  readonly session: Buffer | undefined;
  /** Where the connection may lead; anywhere if absent. */
  readonly gate?: ConnectionGate | undefined;
  onSession(session: Buffer): void;
  onEnd(): void;
}

/**
 * One connection that reads into memory its receiver gives. Node fetches that memory right after each
 * read, for the next one; under TLS it goes on reading what is decrypted already, paused or not.
 */
export class HttpConnection {
  readonly origin: string;
  readonly #socket: Socket;
  readonly #onEnd: () => void;
  readonly #ownRoom = new Uint8Array(OWN_ROOM_BYTES);
  /** Whether the next bytes come into the receiver's memory. */
  #direct = false;
  #receiver: Receiver | undefined;
  /** Ends the wait of the last write. */
  #wrote: (() => void) | undefined;
  #ended = false;

  /** Begins to connect; {@link connected} tells when it is. */
  constructor(url: URL, options: ConnectOptions) {
    this.origin = url.origin;
    this.#onEnd = options.onEnd;
    this.#socket = open(url, options, {
      buffer: () => this.#nextRoom(),
      callback: (bytes) => this.#arrived(bytes),
    });
    this.#socket
      .on('error', (error) => this.destroy({ kind: 'lost', error }))
      .on('end', () => this.destroy({ kind: 'closed' }))
      .on('close', () => this.destroy({ kind: 'closed' }))
      .on('timeout', () => this.destroy({ kind: 'closed' }));
    const { gate } = options;
    if (gate !== undefined) this.#socket.once('connect', () => this.#checkPeer(gate, url));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Resolves once bytes may be sent.
   *
   * @throws the socket's error; or the reason of the signal that aborted. Then the connection has ended.
   */
  connected(connectMs: number, signals: readonly AbortSignal[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const watch = new AbortWatch((reason) => this.destroy({ kind: 'stopped', reason }));
      const timer = setTimeout(() => this.destroy({ kind: 'lost', error: timedOut() }), connectMs);
      const settle = () => {
        clearTimeout(timer);
        watch.release();
        this.#receiver = undefined;
      };
      this.#receiver = {
        room: () => undefined,
        filled() {},
        received: () => this.destroy({ kind: 'closed' }),
        ended(ending) {
          settle();
          reject(ending.kind === 'stopped' ? ending.reason : lostError(ending));
        },
      };
      this.#socket.once(isTls(this.origin) ? 'secureConnect' : 'connect', () => {
        settle();
        resolve();
      });
      for (const signal of signals) watch.follow(signal);
    });
  }

  /** Sends a request, in Latin-1; what comes from now on is the receiver's. */
  send(head: string, receiver: Receiver): void {
    if (this.#ended) {
      receiver.ended({ kind: 'closed' });
      return;
    }
    this.#receiver = receiver;
    this.#socket.write(head, 'latin1');
  }

  /** Sends bytes. Resolves once their memory is free again: the socket took them, or the connection ended. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wrote = resolve;
      this.#socket.write(bytes, () => resolve());
    });
  }

  /** From now on another one receives. */
  handOver(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#ended) this.#socket.resume();
  }

  /** Keeps the connection open with nobody to receive, for so long. Bytes that come meanwhile end it. */
  rest(ms: number): void {
    this.#receiver = undefined;
    this.#socket.setTimeout(ms).unref();
    this.resume();
  }

  /** Ends its rest. */
  wake(): void {
    this.#socket.setTimeout(0).ref();
  }

  /** Ends it at once. The receiver is told how. */
  destroy(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#direct = false;
    this.#socket.destroy();
    this.#wrote?.();
    this.#onEnd();
    this.#receiver?.ended(ending);
    this.#receiver = undefined;
  }

  /** Whatever the way here was: the peer itself has the last word. */
  #checkPeer(gate: ConnectionGate, { hostname }: URL): void {
    const { remoteAddress } = this.#socket;
    try {
      if (remoteAddress === undefined) this.destroy({ kind: 'closed' });
      else gate.assertAddress(remoteAddress, hostname);
    } catch (reason) {
      this.destroy({ kind: 'stopped', reason });
    }
  }

  /** Never what is no memory or empty: Node would go on with the old one, or for ever. */
  #nextRoom(): Uint8Array {
    const room = this.#receiver === undefined ? undefined : this.#roomOf(this.#receiver);
    // Asking may have ended the connection.
    this.#direct = room !== undefined && !this.#ended;
    return this.#direct && room !== undefined ? room : this.#ownRoom;
  }

  #roomOf(receiver: Receiver): Uint8Array | undefined {
    try {
      return receiver.room();
    } catch (reason) {
      this.destroy({ kind: 'stopped', reason });
      return undefined;
    }
  }

  #arrived(bytes: number): boolean {
    try {
      if (this.#direct) this.#receiver?.filled(bytes);
      else if (this.#receiver !== undefined) {
        this.#receiver.received(this.#ownRoom.subarray(0, bytes));
      } else this.destroy({ kind: 'closed' });
    } catch (reason) {
      this.destroy({ kind: 'stopped', reason });
    }
    // Node does not stop a TLS connection that is told to by a `false` here: see `pause`.
    return true;
  }
}

function isTls(origin: string): boolean {
  return origin.startsWith('https:');
}

function open(url: URL, options: ConnectOptions, onread: OnReadOpts): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (isTls(url.origin) ? 443 : 80);
  const { tls, session, gate, onSession } = options;
  const way = { host, port, onread, ...(gate !== undefined && { lookup: gate.lookup }) };
  if (!isTls(url.origin)) return connectTcp(way);
  const connection: ConnectionOptions & { readonly onread: OnReadOpts } = {
    ...tls,
    ALPNProtocols: ['http/1.1'],
    ...way,
    // An address is no server name (RFC 6066, 3).
    ...(isIP(host) === 0 && { servername: host }),
    ...(session !== undefined && { session }),
  };
  return connectTls(connection).on('session', onSession);
}

/** What Node would say of a connection that ended too early, or does not come up in time. */
export function lostError(ending: Exclude<Ending, { kind: 'stopped' }>): unknown {
  return ending.kind === 'lost'
    ? ending.error
    : Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
}

function timedOut(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' });
}

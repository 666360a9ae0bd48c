import {
  type ConnectionOptions,
  createSecureContext,
  DEFAULT_CIPHERS,
  type SecureContext,
} from 'node:tls';
import type { Owner } from '../fair_places.ts';
import { HttpConnection } from './connection.ts';
import type { ConnectionGate } from './connection_gate.ts';

/** Servers close unused connections; most wait longer than this. */
const REST_MS = 4_000;
const MOST_RESTING = 16;
/**
 * AES-128 first, as browsers have it, and Node itself for TLS 1.2: it is as good as AES-256 here, and a
 * tenth of all CPU time of a transfer is what the difference comes to.
 */
const CIPHERS = `TLS_AES_128_GCM_SHA256:${DEFAULT_CIPHERS}`;
/** TLS sessions kept, one an origin. */
const MOST_SESSIONS = 100;

export interface HttpConnectionsOptions {
  /** Longest time until a connection stands, TLS included. */
  readonly connectMs: number;
  /** Overrides for https, such as another `ca`. Certificates are checked unless it says otherwise. */
  readonly tls?: ConnectionOptions | undefined;
  /** Where connections may lead; anywhere if absent. */
  readonly gate?: ConnectionGate | undefined;
}

/** The connections for GET of one engine: what rests between requests, and TLS sessions to go on with. */
export class HttpConnections {
  readonly #connectMs: number;
  readonly #tls: ConnectionOptions;
  readonly #gate: ConnectionGate | undefined;
  readonly #all = new Set<HttpConnection>();
  /** The one used last comes last. */
  #resting: HttpConnection[] = [];
  /** By origin. */
  readonly #sessions = new Map<string, Buffer>();
  #context: SecureContext | undefined;

  constructor({ connectMs, tls = {}, gate }: HttpConnectionsOptions) {
    this.#connectMs = connectMs;
    this.#tls = tls;
    this.#gate = gate;
  }

  /** A connection that has carried a request before. The server may be closing it at this moment. */
  resting({ origin }: URL): HttpConnection | undefined {
    this.#resting = this.#resting.filter(({ ended }) => !ended);
    const at = this.#resting.findLastIndex((connection) => connection.origin === origin);
    const [connection] = at < 0 ? [] : this.#resting.splice(at, 1);
    connection?.wake();
    return connection;
  }

  /** @throws the socket's error; what the gate says; or the reason of the signal that aborted */
  async open(url: URL, signals: readonly AbortSignal[], owner?: Owner): Promise<HttpConnection> {
    const gate = owner === undefined ? this.#gate : this.#gate?.forOwner(owner);
    // Here, since an address as the host is never looked up.
    gate?.assertUrl(url);
    const { origin } = url;
    const session = this.#sessions.get(origin);
    const connection = new HttpConnection(url, {
      tls: url.protocol === 'https:' ? this.#tlsOptions() : {},
      session,
      gate,
      onSession: (newer) => this.#remember(origin, newer),
      onEnd: () => this.#all.delete(connection),
    });
    this.#all.add(connection);
    try {
      await connection.connected(this.#connectMs, signals);
      return connection;
    } catch (error) {
      // A server that trips over an old session must get another chance without it.
      if (this.#sessions.get(origin) === session) this.#sessions.delete(origin);
      throw error;
    }
  }

  /** Keeps a connection for the next request to its origin. */
  keep(connection: HttpConnection): void {
    if (connection.ended) return;
    connection.rest(REST_MS);
    this.#resting.push(connection);
    if (this.#resting.length > MOST_RESTING) this.#resting.shift()?.destroy({ kind: 'closed' });
  }

  /** Ends all of them, also those in use. */
  close(): void {
    const reason = new DOMException('the engine was closed', 'AbortError');
    for (const connection of this.#all) connection.destroy({ kind: 'stopped', reason });
    this.#resting = [];
  }

  /** Made once: each would hold the certificates of all authorities. */
  #tlsOptions(): ConnectionOptions {
    this.#context ??= createSecureContext({ ciphers: CIPHERS, ...this.#tls });
    return { ...this.#tls, secureContext: this.#context };
  }

  #remember(origin: string, session: Buffer): void {
    this.#sessions.delete(origin);
    this.#sessions.set(origin, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }
}

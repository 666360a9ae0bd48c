import { performance } from 'node:perf_hooks';
import type { ConnectionOptions } from 'node:tls';
import { type Clock, systemClock } from './clock.ts';
import type { BackoffLimits } from './failures/backoff.ts';
import { FAILURE_BUDGETS } from './failures/retry_policy.ts';
import type { Owner } from './fair_places.ts';
import type { ConnectionGate } from './http/connection_gate.ts';
import { HttpConnections } from './http/connection_pool.ts';
import { DirectExchange } from './http/direct_exchange.ts';
import type { StorageExchange } from './http/exchange.ts';
import type { GetChannel } from './http/get_answer.ts';
import { createGetChannel } from './http/get_channel.ts';
import { mayBeProxied } from './http/proxy_choice.ts';
import { type ConnectionUse, createConnections } from './http/undici_agents.ts';
import { type HttpDispatcher, UndiciExchange } from './http/undici_exchange.ts';
import { createKnownHosts, type KnownHosts } from './known_hosts.ts';
import { createLimiter, type Limiter } from './limiter.ts';

export type { Clock } from './clock.ts';

/** Defaults in milliseconds and counts; see {@link DEFAULT_LIMITS}. */
export interface TransferLimits extends BackoffLimits {
  readonly connectMs: number;
  /** From the request being sent to the headers of the answer. */
  readonly getAnswerMs: number;
  /** From the last byte being sent to the headers of the answer: storage may still be composing. */
  readonly putAnswerMs: number;
  /** Longest time without a byte coming in. */
  readonly downloadStallMs: number;
  /** Longest time without a piece going out. The kernel's send buffer hides slow progress, so it is long. */
  readonly uploadStallMs: number;
  /** Of a whole-file act, of which a failure leaves nothing. */
  readonly maxAttempts: number;
  /** Of an act that goes on from where it broke off: how many in a row without progress. */
  readonly maxFailuresWithoutProgress: number;
  /** How long an upload waits for an early refusal, at least and at most. */
  readonly gateMinMs: number;
  readonly gateMaxMs: number;
  /** A download asks for more connections only with so much still to come. */
  readonly moreStreamsFromBytes: number;
  /** The shortest range that gets a request of its own where a longer one could be cut in two. */
  readonly leastRangeBytes: number;
  /** Most requests to storage at once, over all transfers: of files, and as many more of relayed bytes. */
  readonly requestsAtOnce: number;
}

export const DEFAULT_LIMITS: TransferLimits = {
  connectMs: 15_000,
  getAnswerMs: 120_000,
  putAnswerMs: 600_000,
  downloadStallMs: 30_000,
  uploadStallMs: 75_000,
  maxAttempts: FAILURE_BUDGETS.nothing,
  maxFailuresWithoutProgress: FAILURE_BUDGETS.progress,
  gateMinMs: 20,
  gateMaxMs: 300,
  moreStreamsFromBytes: 32 * 1024 * 1024,
  leastRangeBytes: 2 * 1024 * 1024,
  requestsAtOnce: 16,
  backoffBaseMs: 500,
  backoffCapMs: 30_000,
  retryAfterCapMs: 120_000,
};

/** The world a transfer runs in: connections, time, chance, limits. One for a process is enough. */
export interface TransferEngine {
  /** For one request that is no GET, directly or through the proxy that the environment names. */
  openExchange(url: URL, use: ConnectionUse): Promise<StorageExchange>;
  /** For downloads: each parallel stream has one of its own. Nothing connects before the first GET. */
  openChannel(): Promise<GetChannel>;
  readonly clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  readonly limits: TransferLimits;
  /** Asked before every request to storage. */
  readonly limiter: Limiter;
  /** Told of every answer from storage. */
  readonly hosts: KnownHosts;
  /** The same engine for the work of one of several owners, who leave each other places. Costs nothing. */
  forOwner(owner: string): TransferEngine;
  /** Starts to watch; each call then tells the share of time, 0 to 1, in which this thread was busy since the last. */
  watchLoad(): () => number;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}

export interface EngineOverrides {
  /** Used for every request instead of the engine's own connections; the caller closes it. */
  readonly dispatcher?: HttpDispatcher;
  /** For downloads that go directly: another certificate authority, for one. */
  readonly tls?: ConnectionOptions;
  /**
   * Where connections may lead; anywhere if absent. With it they never go through a proxy of the
   * environment, which would resolve names by itself.
   */
  readonly gate?: ConnectionGate;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly watchLoad?: () => () => number;
  readonly limits?: Partial<TransferLimits>;
}

function watchEventLoop(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

/** Makes an engine. It opens nothing and loads nothing until the first transfer. */
export function createTransferEngine(overrides: EngineOverrides = {}): TransferEngine {
  const limits = { ...DEFAULT_LIMITS, ...overrides.limits };
  const shared = createConnections(limits.connectMs);
  const { tls, gate, dispatcher: given } = overrides;
  const connections = new HttpConnections({ connectMs: limits.connectMs, tls, gate });
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? Math.random;
  const dispatcher = async (use: ConnectionUse) => given ?? (await shared.open(use));
  const hosts = createKnownHosts(clock);
  const isProxied = (url: URL) =>
    given !== undefined || (gate === undefined && mayBeProxied(url, process.env));
  const engineFor = (owner: Owner, limiter: Limiter): TransferEngine => ({
    openExchange: async (url, use) =>
      isProxied(url) ? new UndiciExchange(await dispatcher(use)) : new DirectExchange(connections),
    openChannel: async () =>
      createGetChannel({
        clock,
        getAnswerMs: limits.getAnswerMs,
        connections,
        owner,
        hosts,
        dispatcher: () => dispatcher('shared'),
        isProxied,
      }),
    clock,
    random,
    limits,
    watchLoad: overrides.watchLoad ?? watchEventLoop,
    hosts,
    limiter,
    forOwner: (other) => engineFor(other, limiter.forOwner(other)),
    close: async () => {
      connections.close();
      await shared.close();
    },
  });
  const limiter = createLimiter({ clock, random, places: limits.requestsAtOnce });
  return engineFor(undefined, limiter);
}

import { performance } from 'node:perf_hooks';
import type { BackoffLimits } from './backoff.ts';
import { type ConnectionUse, createConnections } from './connections.ts';
import type { GetChannel } from './get_answer.ts';
import type { HttpDispatcher } from './http_exchange.ts';
import { createKnownHosts, type KnownHosts } from './known_hosts.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { createProxiedChannel } from './proxied_get.ts';
import { FAILURE_BUDGETS } from './retry_policy.ts';

/** Time as the engine sees it; tests bring their own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

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
  /** Most requests to storage at once, over all transfers. */
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
  gateMinMs: 50,
  gateMaxMs: 300,
  moreStreamsFromBytes: 32 * 1024 * 1024,
  leastRangeBytes: 4 * 1024 * 1024,
  requestsAtOnce: 16,
  backoffBaseMs: 500,
  backoffCapMs: 30_000,
  retryAfterCapMs: 120_000,
};

/** The world a transfer runs in: connections, time, chance, limits. One for a process is enough. */
export interface TransferEngine {
  /** Loads undici on first use, so that a process that moves nothing does not pay for it. */
  dispatcher(use: ConnectionUse): Promise<HttpDispatcher>;
  /** A connection of its own for GETs. */
  openChannel(): Promise<GetChannel>;
  readonly clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  readonly limits: TransferLimits;
  /** Asked before every request to storage. */
  readonly limiter: Limiter;
  /** Told of every answer from storage. */
  readonly hosts: KnownHosts;
  /** Starts to watch; each call then tells the share of time, 0 to 1, in which this thread was busy since the last. */
  watchLoad(): () => number;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}

export interface EngineOverrides {
  /** Used for every request instead of the engine's own connections; the caller closes it. */
  readonly dispatcher?: HttpDispatcher;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly watchLoad?: () => () => number;
  readonly limits?: Partial<TransferLimits>;
}

const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal.addEventListener('abort', onAbort, { once: true });
    }),
};

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
  const connections = createConnections(limits.connectMs);
  const given = overrides.dispatcher;
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? Math.random;
  const dispatcher: TransferEngine['dispatcher'] = (use) =>
    given === undefined ? connections.open(use) : Promise.resolve(given);
  return {
    dispatcher,
    openChannel: async () => createProxiedChannel({ dispatcher, clock, limits }),
    clock,
    random,
    limits,
    watchLoad: overrides.watchLoad ?? watchEventLoop,
    hosts: createKnownHosts(clock),
    limiter: createLimiter({ clock, random, places: limits.requestsAtOnce }),
    close: () => connections.close(),
  };
}

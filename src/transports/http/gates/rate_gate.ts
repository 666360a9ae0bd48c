import { createHash } from 'node:crypto';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible';

const WINDOW_SECONDS = 60;
/** A store that is slower than this is asked no longer than this by each request. */
const STORE_TIMEOUT_MS = 500;

/** As much as is needed of a Redis client (package `@redis/client`). */
export interface RateStore {
  /** False while it has no connection: then each process counts for itself. */
  readonly isReady: boolean;
  eval(
    script: string,
    options: { readonly keys: string[]; readonly arguments: string[] },
  ): Promise<unknown>;
}

export interface RateGateOptions {
  /** Requests of one principal in a minute, which may all come at once; 0 for no limit. */
  readonly perMinute: number;
  /** Shared by all replicas; each counts for itself without it, and while it does not answer. */
  readonly store?: RateStore | undefined;
}

export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly retryAfterSeconds: number };

export interface RateGate {
  /** @param requests of a principal, which are counted also where they are not admitted; 1 if absent */
  admit(principalId: string, requests?: number): Promise<Admission>;
}

const ADMITTED: Admission = { admitted: true };

export function createRateGate({ perMinute, store }: RateGateOptions): RateGate {
  if (perMinute === 0) return { admit: async () => ADMITTED };
  const terms = {
    keyPrefix: 'geopera-mcp:rate',
    points: perMinute,
    duration: WINDOW_SECONDS,
  };
  const own = new RateLimiterMemory(terms);
  const limiter = store === undefined ? own : shared(store, terms, own);
  return {
    async admit(principalId, requests = 1) {
      try {
        await limiter.consume(digestOf(principalId), requests);
        return ADMITTED;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const seconds = Math.ceil(refusal.msBeforeNext / 1000);
        return { admitted: false, retryAfterSeconds: Math.max(1, seconds) };
      }
    },
  };
}

/** Keys of a shared store tell nobody who calls. */
function digestOf(principalId: string): string {
  return createHash('sha256').update(principalId).digest('base64url');
}

function shared(
  store: RateStore,
  terms: ConstructorParameters<typeof RateLimiterMemory>[0],
  insuranceLimiter: RateLimiterMemory,
): RLWrapperTimeouts {
  const limiter = new RateLimiterRedis({
    ...terms,
    storeClient: store,
    useRedisPackage: true,
    rejectIfRedisNotReady: true,
  });
  return new RLWrapperTimeouts({ limiter, timeoutMs: STORE_TIMEOUT_MS, insuranceLimiter });
}

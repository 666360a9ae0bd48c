import { createTransferEngine, type EngineOverrides, type TransferEngine } from '../engine.ts';
import type { AddressRules } from '../http/address_policy.ts';
import { createConnectionGate } from '../http/connection_gate.ts';
import type { NameLookupsOptions } from '../http/name_lookups.ts';
import type { PaceLimits } from './source_pace.ts';

/** How much one URL may bring, and how long that may take. */
export interface RemoteLimits extends PaceLimits {
  readonly mostBytes: number;
  /** Milliseconds from the first request until the last byte has gone on, retries included. */
  readonly mostMs: number;
}

const DEFAULT_REMOTE_LIMITS: RemoteLimits = {
  mostBytes: 100 * 1024 ** 3,
  mostMs: 6 * 60 * 60 * 1000,
  leastBytesPerSecond: 64 * 1024,
  paceMs: 60_000,
};

/** Until the head of an answer, redirects included: who waits for it holds a place that others want. */
const ANSWER_MS = 30_000;

/** The world in which URLs of others are fetched: what they may lead to, and how far they may go. */
export interface RemoteAccess {
  /** Its connections lead nowhere but where the rules allow, whatever is asked of it. */
  readonly engine: TransferEngine;
  readonly limits: RemoteLimits;
  /** Who asks, as the servers are told. */
  readonly userAgent: string;
  /**
   * Refuses at once what needs no name to be resolved.
   *
   * @throws TransferError `address_refused`
   */
  assertUrl(url: URL): void;
}

export interface RemoteAccessOptions extends Pick<NameLookupsOptions, 'resolve' | 'lookupMs'> {
  readonly rules: AddressRules;
  readonly userAgent: string;
  readonly limits?: Partial<RemoteLimits>;
  readonly engine?: Omit<EngineOverrides, 'gate' | 'dispatcher'>;
}

/**
 * Makes such a world, with connections of its own. It opens nothing until the first fetch; close its
 * engine in the end.
 *
 * @throws RangeError for a rule that is not one
 */
export function createRemoteAccess(options: RemoteAccessOptions): RemoteAccess {
  const { resolve, lookupMs } = options;
  const clock = options.engine?.clock;
  const gate = createConnectionGate(options.rules, { resolve, lookupMs, clock });
  return {
    engine: createTransferEngine({
      ...options.engine,
      gate,
      limits: { getAnswerMs: ANSWER_MS, ...options.engine?.limits },
    }),
    limits: { ...DEFAULT_REMOTE_LIMITS, ...options.limits },
    userAgent: options.userAgent,
    assertUrl: (url) => gate.assertUrl(url),
  };
}

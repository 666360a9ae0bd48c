import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { untilAborted } from '../cancellable.ts';
import { type Clock, systemClock } from '../clock.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { FairPlaces, type Owner } from '../fair_places.ts';
import { Watchdog } from '../watchdog.ts';

/** All addresses of a name. */
export type Resolver = (host: string) => Promise<LookupAddress[]>;

export interface NameLookupsOptions {
  /** The system's, if absent. */
  readonly resolve?: Resolver | undefined;
  readonly clock?: Clock | undefined;
  /** Most milliseconds until a name is resolved, those in the queue included; 10 s if absent. */
  readonly lookupMs?: number | undefined;
}

/** The system resolves each name on one of the four threads that all work with files shares. */
const LOOKUPS_AT_ONCE = 2;
const LOOKUP_MS = 10_000;

const systemResolver: Resolver = (host) => lookup(host, { all: true });

/** Resolves names: few at once, since a name server that never answers would take every thread. */
export class NameLookups {
  readonly #places = new FairPlaces(LOOKUPS_AT_ONCE);
  readonly #resolve: Resolver;
  readonly #clock: Clock;
  readonly #lookupMs: number;

  constructor({
    resolve = systemResolver,
    clock = systemClock,
    lookupMs = LOOKUP_MS,
  }: NameLookupsOptions) {
    this.#resolve = resolve;
    this.#clock = clock;
    this.#lookupMs = lookupMs;
  }

  /** @throws TransferError `storage_unavailable` if it takes too long; or what the resolver threw */
  async addressesOf(host: string, owner: Owner): Promise<LookupAddress[]> {
    const over = new AbortController();
    const timer = new Watchdog(this.#clock, this.#lookupMs, () =>
      over.abort(unresolved(this.#lookupMs)),
    );
    try {
      const leave = await this.#places.take(owner, over.signal);
      // A thread is taken until the resolver is done, whether or not somebody still waits.
      return await untilAborted(this.#resolve(host).finally(leave), over.signal);
    } finally {
      timer.stop();
    }
  }
}

function unresolved(lookupMs: number): TransferError {
  return new TransferError({
    code: 'storage_unavailable',
    outcome: 'transient',
    message: `the name of the host was not resolved within ${Math.round(lookupMs / 1000)} s.`,
  });
}

import type { Principal } from './principal.ts';
import { RecentMap } from './recent_map.ts';
import { tokenExpiry } from './token_expiry.ts';

/** A token about to be over may be so when it arrives, by a clock that is ahead of ours. */
const SKEW_MS = 30_000;
const UNSEEN_MS = 60 * 60 * 1000;
const SWEEP_EVERY_MS = 60_000;
const MOST_PRINCIPALS = 10_000;

/** In private fields, which neither JSON nor an inspecting log shows. */
class HeldToken {
  readonly #text: string;
  /** Epoch milliseconds; infinite for a token that does not say. */
  readonly expiresAt: number;

  constructor(text: string) {
    this.#text = text;
    this.expiresAt = tokenExpiry(text) ?? Number.POSITIVE_INFINITY;
  }

  reveal(): string {
    return this.#text;
  }
}

interface Newest {
  readonly token: HeldToken;
  readonly seenAt: number;
}

/**
 * Which token acts for a caller's work. A sign-in token lives for minutes and a transfer for hours, so
 * work goes on with the newest one that its caller has shown since.
 */
export class PrincipalTokens {
  readonly #now: () => number;
  readonly #newest = new RecentMap<string, Newest>(MOST_PRINCIPALS);
  #sweptAt: number;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    this.#sweptAt = now();
  }

  /** To be told of each token that was verified, and whose it is. */
  seen({ id }: Principal, token: string): void {
    const now = this.#now();
    this.#sweep(now);
    const held = new HeldToken(token);
    const kept = this.#newest.get(id)?.token;
    // A client may go on with an older token beside a newer one.
    const newest = kept !== undefined && kept.expiresAt > held.expiresAt ? kept : held;
    this.#newest.set(id, { token: newest, seenAt: now });
  }

  /**
   * The token for each request of one piece of work: the one it began with, and once that is over the
   * newest of the same caller, where there is one that lasts longer.
   */
  tokensFor({ id }: Principal, token: string): () => string {
    const first = new HeldToken(token);
    return () => {
      const now = this.#now();
      if (now < first.expiresAt - SKEW_MS) return first.reveal();
      this.#sweep(now);
      const newest = this.#newest.get(id)?.token;
      return (newest !== undefined && newest.expiresAt > first.expiresAt ? newest : first).reveal();
    };
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    this.#newest.sweep(({ token, seenAt }) => now >= token.expiresAt || now - seenAt >= UNSEEN_MS);
  }
}

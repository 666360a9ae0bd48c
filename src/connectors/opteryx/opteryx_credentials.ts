import { untilAborted } from '../../transfer/cancellable.ts';
import { ServiceError } from '../http/service_error.ts';
import type { Credentials } from '../http/service_request.ts';
import type { ExchangedToken } from './token_exchange.ts';

/** So long before its end a token is not used any more: a request may be long on its way. */
const MARGIN_MS = 45_000;

interface HeldToken {
  readonly authorization: string;
  /** Epoch milliseconds. */
  readonly freshUntil: number;
}

/**
 * Tokens for a credential. There is one exchange at a time, which all who wait for a token share; it goes
 * on when one of them is cancelled.
 *
 * @param exchange as `exchangeForToken`
 * @param now epoch milliseconds
 */
export function exchangedTokens(
  exchange: (signal: AbortSignal) => Promise<ExchangedToken>,
  now: () => number,
): Credentials {
  let held: HeldToken | undefined;
  let underWay: Promise<HeldToken> | undefined;

  async function renew(): Promise<HeldToken> {
    const askedAt = now();
    try {
      const { token, seconds } = await exchange(new AbortController().signal);
      const lifeMs = seconds * 1000;
      // A life as short as the margin would have every request exchange anew.
      const freshUntil = askedAt + lifeMs - Math.min(MARGIN_MS, lifeMs / 2);
      held = { authorization: `Bearer ${token}`, freshUntil };
      return held;
    } finally {
      underWay = undefined;
    }
  }

  return {
    async headers(signal) {
      signal.throwIfAborted();
      if (held !== undefined && now() < held.freshUntil) return headersOf(held);
      underWay ??= renew();
      return headersOf(await untilAborted(underWay, signal));
    },
    refused({ authorization }) {
      // Another request may have renewed it in the meantime.
      if (held?.authorization === authorization) held = undefined;
      return true;
    },
  };
}

/** One token, which is all there is. */
export function fixedToken(token: string): Credentials {
  return {
    headers: async () => ({ authorization: `Bearer ${token}` }),
    refused: () => false,
  };
}

/** Says what is missing, to whoever needs it. */
export const noCredentials: Credentials = {
  async headers() {
    throw new ServiceError({
      service: 'opteryx',
      call: 'opteryx.token',
      kind: 'no_credentials',
      detail: 'there is neither OPTERYX_CLIENT_ID with OPTERYX_CLIENT_SECRET nor OPTERYX_TOKEN',
    });
  },
  refused: () => false,
};

function headersOf({ authorization }: HeldToken): Readonly<Record<string, string>> {
  return { authorization };
}

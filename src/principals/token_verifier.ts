import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { withDeadline } from '../geopera/deadline.ts';
import { GeoperaError } from '../geopera/geopera_error.ts';
import { resourceScopes } from '../geopera/scopes.ts';
import { Places, PlacesFull } from './places.ts';
import type { Principal } from './principal.ts';
import { RecentMap } from './recent_map.ts';
import { SharedRequests } from './shared_requests.ts';
import { tokenExpiry } from './token_expiry.ts';

/** How long a token that was accepted is not asked about again: as long as one revoked may go on. */
const ACCEPTED_MS = 60_000;
/** Long enough that a client in a loop does not reach the API, short enough for a new key. */
const REFUSED_MS = 5_000;
const MOST_KEPT = 10_000;
const AT_ONCE = 32;
const MOST_WAITING = 512;
const BUSY_SECONDS = 1;
const ANSWER_SECONDS = 10;

/** Geopera does not accept the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';

  constructor() {
    super('Geopera does not accept this token');
  }
}

/** Geopera could not be asked, so nothing is known of the token. */
export class VerifierUnavailable extends Error {
  override readonly name = 'VerifierUnavailable';
  /** How long it asked to wait, if it did. */
  readonly retryAfterSeconds: number | undefined;

  constructor(retryAfterSeconds: number | undefined, options?: ErrorOptions) {
    super('Geopera cannot be asked about tokens now', options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface TokenVerifier {
  /** Throws `TokenRefused`, `VerifierUnavailable` or the signal's reason. */
  verify(token: string, signal: AbortSignal): Promise<Principal>;
}

export interface TokenVerifierOptions {
  /** What the userinfo endpoint says to a token. Throws `GeoperaError`. */
  readonly userinfo: (token: string, signal: AbortSignal) => Promise<unknown>;
  /** Of the realm whose endpoint that is; names callers for whom it gives no id of Geopera's own. */
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Verdict {
  /** Absent for a token that was refused. */
  readonly principal: Principal | undefined;
  readonly until: number;
}

const claim = () => z.string().min(1).max(256);
const caller = z.object({
  geopera_principal_id: claim().optional(),
  iss: claim().optional(),
  sub: claim().optional(),
  scope: z.string().optional(),
});

/** Statuses by which the endpoint says that it is the token: also that it is not of a sign-in. */
const TOKEN_STATUSES: ReadonlySet<number | undefined> = new Set([400, 401, 403]);

/** Asks Geopera whose a token is, and remembers the answer for a short time. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { userinfo, issuer, now } = options;
  // Digests under a key that nobody has: what is kept is of no use as a token.
  const key = randomBytes(32);
  // Apart, so that what strangers send pushes nobody out who is known, nor keeps them waiting.
  const accepted = new RecentMap<string, Verdict>(MOST_KEPT);
  const refused = new RecentMap<string, Verdict>(MOST_KEPT);
  const forKnown = new Places(AT_ONCE, MOST_WAITING);
  const forStrangers = new Places(AT_ONCE, MOST_WAITING);
  const requests = new SharedRequests<Verdict>();

  async function judge(token: string, places: Places, signal: AbortSignal): Promise<Verdict> {
    try {
      const answer = await places.run(
        () =>
          withDeadline('userinfo', ANSWER_SECONDS, signal, (limited) => userinfo(token, limited)),
        signal,
      );
      const principal = principalIn(answer, issuer, tokenExpiry(token));
      return { principal, until: Math.min(now() + ACCEPTED_MS, principal.expiresAt ?? Infinity) };
    } catch (failure) {
      if (failure instanceof PlacesFull) throw new VerifierUnavailable(BUSY_SECONDS);
      if (!(failure instanceof GeoperaError)) throw failure;
      if (!TOKEN_STATUSES.has(failure.status)) {
        throw new VerifierUnavailable(failure.retryAfterSeconds, { cause: failure });
      }
      return { principal: undefined, until: now() + REFUSED_MS };
    }
  }

  return {
    async verify(token, signal) {
      signal.throwIfAborted();
      const digest = createHmac('sha256', key).update(token).digest('base64url');
      const known = accepted.get(digest);
      const kept = known ?? refused.get(digest);
      const places = known === undefined ? forStrangers : forKnown;
      const verdict =
        kept !== undefined && now() < kept.until
          ? kept
          : await requests.ask(digest, (shared) => judge(token, places, shared), signal);
      if (verdict !== kept) {
        if (verdict.principal === undefined) accepted.delete(digest);
        (verdict.principal === undefined ? refused : accepted).set(digest, verdict);
      }
      if (verdict.principal === undefined) throw new TokenRefused();
      return verdict.principal;
    },
  };
}

function principalIn(answer: unknown, issuer: string, expiresAt: number | undefined): Principal {
  const parsed = caller.safeParse(answer);
  if (!parsed.success) throw new VerifierUnavailable(undefined, { cause: parsed.error });
  const { geopera_principal_id: id, iss = issuer, sub, scope = '' } = parsed.data;
  const scopes = resourceScopes(scope);
  if (id !== undefined) return { id, scopes, expiresAt };
  if (sub === undefined) throw new VerifierUnavailable(undefined);
  return { id: `${iss} ${sub}`, scopes, expiresAt };
}

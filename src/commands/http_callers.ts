import type { IncomingMessage } from 'node:http';
import { type Account, type ProcessWorld, workflowContext } from '../context.ts';
import { realmIssuer } from '../geopera/realm.ts';
import { type Log, logWith } from '../log.ts';
import type { Principal } from '../principals/principal.ts';
import { PrincipalTokens } from '../principals/principal_tokens.ts';
import {
  createTokenVerifier,
  TokenRefused,
  type TokenVerifier,
  VerifierUnavailable,
} from '../principals/token_verifier.ts';
import { bearerCredentials } from '../transports/http/auth/bearer.ts';
import { type BearerError, bearerChallenge } from '../transports/http/auth/challenge.ts';
import { type RefusalName, Refused } from '../transports/http/gates/refusals.ts';
import type { Authenticator } from '../transports/http/mcp_gate.ts';
import type { WorkflowContext } from '../workflows/context.ts';
import { noSessionJournal, type SessionJournal } from '../workflows/session_journal.ts';

/** What callers are told apart by where the server has one identity for all of them. */
const EVERYBODY = 'everybody';

export interface CallersOptions {
  readonly world: ProcessWorld;
  readonly account: Account;
  /** Where the sessions of a token's account are noted. */
  journal(token: string): SessionJournal;
  /** To be told of each caller, for whom something may have been left by another process. */
  visited(principal: string, token: string, context: WorkflowContext): void;
}

/** Every request acts with the one token that the server was given. */
export function sharedIdentity(token: string, options: CallersOptions): Authenticator {
  const { world, account, journal, visited } = options;
  const context = workflowContext(world, {
    apiUrl: account.apiUrl,
    token: () => token,
    scopes: world.config.scopes,
    sessions: journal(token),
  });
  return {
    async admit(_request, requestId) {
      visited(EVERYBODY, token, context);
      const log = logWith(world.log, { requestId });
      return { principal: EVERYBODY, caller: { owner: EVERYBODY, context: { ...context, log } } };
    },
  };
}

export interface OwnTokensOptions extends CallersOptions {
  /** Where clients find out where to sign in (RFC 9728). */
  resourceMetadataUrl(request: IncomingMessage): string;
}

/** Each request acts with the token that it brings, if Geopera knows whose it is. */
export function ownTokens(options: OwnTokensOptions): Authenticator {
  const { world, account, journal, visited } = options;
  const tokens = new PrincipalTokens(world.clock.now);
  const verifier = geoperaVerifier(world, account);

  function actingFor(principal: Principal, token: string, log: Log): WorkflowContext {
    const context = workflowContext(world, {
      apiUrl: account.apiUrl,
      token: tokens.tokensFor(principal, token),
      scopes: principal.scopes ?? [],
      sessions: journal(token),
      owner: principal.id,
    });
    return { ...context, log };
  }

  return {
    async admit(request, requestId, signal) {
      const challenged = (refusal: RefusalName, error?: BearerError) => {
        const resourceMetadataUrl = options.resourceMetadataUrl(request);
        const challenge = { resourceMetadataUrl, ...(error === undefined ? {} : { error }) };
        return new Refused(refusal, { 'WWW-Authenticate': bearerChallenge(challenge) });
      };
      const credentials = bearerCredentials(request.headersDistinct);
      if (credentials.kind === 'none') throw challenged('noToken');
      if (credentials.kind === 'malformed') {
        throw challenged('malformedAuthorization', 'invalid_request');
      }
      const { token } = credentials;
      const principal = await verified(verifier, token, signal, () =>
        challenged('badToken', 'invalid_token'),
      );
      tokens.seen(principal, token);
      const context = actingFor(principal, token, logWith(world.log, { requestId }));
      visited(principal.id, token, context);
      return { principal: principal.id, caller: { owner: principal.id, context } };
    },
  };
}

function geoperaVerifier(world: ProcessWorld, { apiUrl }: Account): TokenVerifier {
  return createTokenVerifier({
    issuer: realmIssuer(apiUrl),
    now: world.clock.now,
    userinfo: (token, signal) => {
      const acting = { apiUrl, token: () => token, scopes: [], sessions: noSessionJournal };
      return workflowContext(world, acting).geopera.userinfo(signal);
    },
  });
}

async function verified(
  verifier: TokenVerifier,
  token: string,
  signal: AbortSignal,
  refused: () => Refused,
): Promise<Principal> {
  try {
    return await verifier.verify(token, signal);
  } catch (failure) {
    if (failure instanceof TokenRefused) throw refused();
    if (!(failure instanceof VerifierUnavailable)) throw failure;
    const { retryAfterSeconds: seconds } = failure;
    throw new Refused(
      'verifierUnavailable',
      seconds === undefined ? {} : { 'Retry-After': String(seconds) },
    );
  }
}

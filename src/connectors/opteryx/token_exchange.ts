import { z } from 'zod';
import type { Clock } from '../../transfer/clock.ts';
import { readJsonAnswer } from '../http/json_answer.ts';
import { ServiceError } from '../http/service_error.ts';
import type { ServiceAccess } from '../http/service_request.ts';

const CALL = 'opteryx.token';
const ANSWER_SECONDS = 15;
/** What the service's own clients take a token to live if nothing is said. */
const USUAL_SECONDS = 300;

const tokenAnswer = z.object({
  // What goes into a header has no space and no end of a line.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.number().positive().catch(USUAL_SECONDS),
});

/** A credential of an account; the secret is one that begins with `opt_`. */
export interface ClientSecret {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A token, and for how long it was said to be good. */
export interface ExchangedToken {
  readonly token: string;
  readonly seconds: number;
}

/**
 * Exchanges a credential for a token. Throws `ServiceError` without the secret; whatever the request was
 * for was not carried out then, so its fate is known.
 */
export async function exchangeForToken(
  { clientId, clientSecret }: ClientSecret,
  access: Pick<ServiceAccess, 'baseUrl' | 'dispatcher'>,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<ExchangedToken> {
  const request = {
    call: CALL,
    method: 'POST',
    path: '/token',
    headers: { accept: 'application/json' },
    // A JSON body is refused.
    form: {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    },
    repeatable: true,
    answerSeconds: ANSWER_SECONDS,
    signal,
  } as const;
  const open = { ...access, service: 'opteryx', credentials: undefined } as const;
  try {
    const { json } = await readJsonAnswer(request, open, clock);
    return tokenIn(json);
  } catch (failure) {
    signal.throwIfAborted();
    throw failure instanceof ServiceError ? ofExchange(failure, clientSecret) : failure;
  }
}

function tokenIn(json: unknown): ExchangedToken {
  const parsed = tokenAnswer.safeParse(json);
  if (parsed.success) {
    return { token: parsed.data.access_token, seconds: parsed.data.expires_in };
  }
  throw new ServiceError({
    service: 'opteryx',
    call: CALL,
    kind: 'unexpected_answer',
    detail: 'the token service answered without a token',
  });
}

/** Statuses by which the token service says that it does not know the credential. */
const REFUSED: ReadonlySet<number | undefined> = new Set([400, 401, 403, 422]);

function ofExchange(
  { kind, detail, status, retryAfterSeconds }: ServiceError,
  secret: string,
): ServiceError {
  const said = detail.replaceAll(secret, '…').replaceAll(encodeURIComponent(secret), '…');
  return new ServiceError({
    service: 'opteryx',
    call: CALL,
    kind: REFUSED.has(status) ? 'unauthenticated' : kind,
    detail: said,
    ...(status === undefined ? {} : { status }),
    retryAfterSeconds,
  });
}

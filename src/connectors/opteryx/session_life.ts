import { ServiceError } from '../http/service_error.ts';
import { timeInAnswer } from '../time_in_answer.ts';

/** How long the service keeps a session where it does not say. */
const USUAL_WORDS = 'about six hours after it was started';

/** When a session ends, by the service's word and our clock. */
export interface SessionLife {
  /** For words: ISO 8601, or how long it usually takes. */
  readonly expires: string;
  /** Epoch milliseconds; undefined where nothing is known that can be believed. */
  readonly endsAt: number | undefined;
}

/**
 * @param expiresAt as the service said it when the session was started
 * @param now epoch milliseconds then: a session that is over before it began says that our clock is wrong
 */
export function sessionLife(expiresAt: string | null | undefined, now: number): SessionLife {
  const endsAt = timeInAnswer(expiresAt ?? '');
  if (endsAt === undefined) return { expires: USUAL_WORDS, endsAt: undefined };
  const expires = new Date(endsAt).toISOString();
  return { expires, endsAt: endsAt > now ? endsAt : undefined };
}

/** Throws `ServiceError` for a session that is over, so that nothing is sent in vain. */
export function assertNotOver({ expires, endsAt }: SessionLife, call: string, now: number): void {
  if (endsAt === undefined || now < endsAt) return;
  throw new ServiceError({
    service: 'opteryx',
    call,
    kind: 'gone',
    detail: `the session ran out at ${expires}`,
  });
}

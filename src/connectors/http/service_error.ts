import { SessionTakenOver } from '../session_taken_over.ts';

/** A service that bytes are brought to beside Geopera. */
export type ServiceName = 'opteryx' | 'geolens';

/**
 * Why a service did not give its answer. `no_credentials` is ours; the others follow from what the service
 * said or did not say.
 */
export type ServiceErrorKind =
  | 'no_credentials'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'invalid_input'
  | 'rate_limited'
  | 'rejected'
  | 'unavailable'
  | 'unreachable'
  | 'not_the_api'
  | 'unexpected_answer';

export interface ServiceErrorFacts {
  readonly service: ServiceName;
  /** The request, as its tool is called with a dot: `opteryx.inspect`. */
  readonly call: string;
  readonly kind: ServiceErrorKind;
  /** The service's own words, shortened and without control characters; or ours where it said none. */
  readonly detail: string;
  readonly status?: number;
  /** The service's own code of the error, such as `value_not_castable`. */
  readonly code?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** True when the service may have acted although no answer came. */
  readonly fateUnknown?: boolean;
  readonly cause?: unknown;
}

/** The one error that requests to a service throw. */
export class ServiceError extends Error {
  readonly service: ServiceName;
  readonly call: string;
  readonly kind: ServiceErrorKind;
  readonly detail: string;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly fateUnknown: boolean;

  constructor(facts: ServiceErrorFacts) {
    super(`${facts.call}: ${facts.detail}`, { cause: facts.cause });
    this.name = 'ServiceError';
    this.service = facts.service;
    this.call = facts.call;
    this.kind = facts.kind;
    this.detail = facts.detail;
    this.status = facts.status;
    this.code = facts.code;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.fateUnknown = facts.fateUnknown ?? false;
  }
}

/** Whether a service may have acted on a request that failed: also where it was cancelled on its way. */
export function isFateUnknown(failure: unknown): boolean {
  // Then it was not even asked to.
  if (failure instanceof SessionTakenOver) return false;
  return !(failure instanceof ServiceError) || failure.fateUnknown;
}

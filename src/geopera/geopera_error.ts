/**
 * Why an operation call did not give its answer. `no_token` and (before anything is sent)
 * `missing_scope` are ours; the others follow from what the API said or did not say.
 */
export type GeoperaErrorKind =
  | 'no_token'
  | 'unauthenticated'
  | 'missing_scope'
  | 'forbidden'
  | 'payment_required'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'invalid_input'
  | 'rate_limited'
  | 'rejected'
  | 'unavailable'
  | 'unreachable'
  | 'not_the_api'
  | 'unexpected_answer';

/** One field that the API refused, as its 422 answer names it. */
export interface RefusedField {
  /** Dotted path inside the body, e.g. `transfer_method`. */
  readonly field: string;
  readonly message: string;
}

export interface GeoperaErrorFacts {
  readonly kind: GeoperaErrorKind;
  readonly operationId: string;
  /** The API's own words, shortened and without control characters; or ours where it said none. */
  readonly detail: string;
  readonly status?: number;
  readonly fields?: readonly RefusedField[];
  /** The scope that is missing, where the refusal names one. */
  readonly scope?: string;
  readonly retryAfterSeconds?: number;
  /** True when the API may have acted although no answer came. */
  readonly fateUnknown?: boolean;
  readonly cause?: unknown;
}

/** The one error that calls to Geopera throw. */
export class GeoperaError extends Error {
  readonly kind: GeoperaErrorKind;
  readonly operationId: string;
  readonly detail: string;
  readonly status: number | undefined;
  readonly fields: readonly RefusedField[];
  readonly scope: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly fateUnknown: boolean;

  constructor(facts: GeoperaErrorFacts) {
    super(`${facts.operationId}: ${facts.detail}`, { cause: facts.cause });
    this.name = 'GeoperaError';
    this.kind = facts.kind;
    this.operationId = facts.operationId;
    this.detail = facts.detail;
    this.status = facts.status;
    this.fields = facts.fields ?? [];
    this.scope = facts.scope;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.fateUnknown = facts.fateUnknown ?? false;
  }
}

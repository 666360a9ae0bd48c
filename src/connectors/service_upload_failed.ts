import type { ConnectorStep } from './connector.ts';
import type { ServiceName } from './http/service_error.ts';

/** What a failed upload left at its service. */
export type Leftover =
  | { readonly kind: 'nothing' }
  /** It can be read by nobody, and goes by itself. */
  | {
      readonly kind: 'staged';
      /** A noun phrase, e.g. `3 parts`. */
      readonly what: string;
      /** ISO 8601, where the service said it; or how long it takes, in words. */
      readonly expires: string;
      /** Why it was not removed, where it could have been. */
      readonly reason?: string | undefined;
      /** Whether it is whole, so that it can still become what it was sent for. */
      readonly isWhole?: boolean;
    }
  /** It was asked to finish, and the answer was lost: it may be done. Nothing was removed. */
  | {
      readonly kind: 'perhaps_done';
      /** Whether to finish it once more does no harm, as `ConnectorTraits` has it. */
      readonly finishIdempotent?: boolean;
    }
  /** It is finished, and the service goes on with it: nobody waits any more. */
  | { readonly kind: 'goes_on' };

/** In the place of an id that was never heard. */
export const UNHEARD = 'unknown';

/** The steps of an upload, and the one before them where its plan is a matter of its own. */
export type FailedStep = ConnectorStep | 'agree';

export interface ServiceUploadFacts {
  readonly service: ServiceName;
  /** Of the session, the contract or the job. */
  readonly id: string;
  /** The same in a word of the service: `session`, `contract`, `job`. */
  readonly idOf: 'session' | 'contract' | 'job';
  readonly step: FailedStep;
  readonly left: Leftover;
  /** Where it was to go, in words: a table, or a file's name. */
  readonly target: string;
  readonly cause: unknown;
}

/** An upload to a service that had begun and did not end well. `cause` is the first error. */
export class ServiceUploadFailed extends Error {
  readonly service: ServiceName;
  readonly id: string;
  readonly idOf: ServiceUploadFacts['idOf'];
  readonly step: FailedStep;
  readonly left: Leftover;
  readonly target: string;

  constructor(facts: ServiceUploadFacts) {
    super(`${facts.service} ${facts.idOf} ${facts.id} failed at ${facts.step}`, {
      cause: facts.cause,
    });
    this.name = 'ServiceUploadFailed';
    this.service = facts.service;
    this.id = facts.id;
    this.idOf = facts.idOf;
    this.step = facts.step;
    this.left = facts.left;
    this.target = facts.target;
  }
}

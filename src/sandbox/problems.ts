import { STATUS_CODES } from 'node:http';

/** The media type of the API's error bodies (RFC 7807). */
export const PROBLEM_JSON = 'application/problem+json';

/** An error that the API answers as a Problem: `{type, title, status, detail}`. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly status: number,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  body(): { type: string; title: string; status: number; detail: string } {
    return {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
    };
  }
}

/** One entry of a FastAPI validation error: where, what, and the machine-readable kind. */
export interface ValidationDetail {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** A 422 in FastAPI's form, `{detail: [{loc, msg, type}]}`, as the published OpenAPI declares it. */
export class BodyInvalidError extends Error {
  override readonly name = 'BodyInvalidError';
  readonly status = 422;

  constructor(readonly details: readonly ValidationDetail[]) {
    super('The request body is not valid.');
  }

  body(): { detail: readonly ValidationDetail[] } {
    return { detail: this.details };
  }
}

/** Existence is hidden: an unknown id and another organization's id get the same answer. */
export function notFound(what: string): ProblemError {
  return new ProblemError(404, `${what} not found`);
}

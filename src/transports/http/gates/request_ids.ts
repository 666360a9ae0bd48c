import { randomBytes } from 'node:crypto';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's own id of a request where it is fit for a log line and a header, else a new one. */
export function requestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : newRequestId();
}

export function newRequestId(): string {
  return randomBytes(12).toString('base64url');
}

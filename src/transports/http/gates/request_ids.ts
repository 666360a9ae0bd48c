import { randomBytes } from 'node:crypto';

/** Clients have put their key into any header, and one of Geopera's belongs into no log. */
const REQUEST_ID = /^(?!gpra_)[A-Za-z0-9._-]{1,64}$/i;

/** The caller's own id of a request where it is fit for a log line and a header, else a new one. */
export function requestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : newRequestId();
}

export function newRequestId(): string {
  return randomBytes(12).toString('base64url');
}

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../problems.ts';

/** Whoever the two keys and the token stand for. */
const ACCOUNT = 'account';

/** The secrets of the one account. */
export interface Credentials {
  readonly apiKey: string;
  readonly readOnlyKey: string;
  /** Of the form of a JWT; nobody reads what is in it. */
  readonly token: string;
}

export function newCredentials(): Credentials {
  const part = (bytes: number) => randomBytes(bytes).toString('base64url');
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url');
  return {
    apiKey: part(32),
    readOnlyKey: part(32),
    token: `${header}.${part(48)}.${part(32)}`,
  };
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Who asks.
 *
 * @throws ProblemError 401 for nobody or an unknown secret, 403 for a write with the read-only key
 */
export function callerOf(credentials: Credentials, request: IncomingMessage): string {
  const { headers, method = '' } = request;
  const key = headers['x-api-key'];
  const [, bearer] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (key === credentials.readOnlyKey) {
    if (READING.has(method)) return ACCOUNT;
    throw new ProblemError(403, 'This API key may only read');
  }
  if (key === credentials.apiKey || bearer === credentials.token) return ACCOUNT;
  throw new ProblemError(401, 'Not authenticated', { 'WWW-Authenticate': 'Bearer' });
}

import { randomBytes } from 'node:crypto';
import type { OpteryxSettings } from './opteryx_options.ts';
import { refusal } from './refusals.ts';

/** The tokens that were exchanged for the credential, and who came without a good one. */
export class BearerTokens {
  readonly clientId = 'emulated-user';
  readonly clientSecret = `opt_${randomBytes(18).toString('hex')}_01`;
  issued = 0;
  seenWithout = 0;
  seenBad = 0;
  readonly #settings: OpteryxSettings;
  /** By token, when it is over. */
  readonly #ends = new Map<string, Date>();

  constructor(settings: OpteryxSettings) {
    this.#settings = settings;
  }

  /** A token in the looks of a JWT; nobody can check its signature. */
  issue(): string {
    const { now, tokenSeconds } = this.#settings;
    const end = new Date(now().getTime() + tokenSeconds * 1000);
    const claims = { sub: this.clientId, exp: Math.floor(end.getTime() / 1000) };
    const words = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const token = [...words, randomBytes(32).toString('base64url')].join('.');
    this.#ends.set(token, end);
    this.issued += 1;
    return token;
  }

  /** From now on nobody knows it. */
  revoke(authorization: string | undefined): void {
    this.#ends.delete(presented(authorization) ?? '');
  }

  /** @throws Refusal 401 */
  require(authorization: string | undefined): void {
    const token = presented(authorization);
    if (token === undefined) {
      this.seenWithout += 1;
      throw refusal(401, 'Missing bearer token');
    }
    const end = this.#ends.get(token);
    if (end !== undefined && this.#settings.now() < end) return;
    this.seenBad += 1;
    throw refusal(401, end === undefined ? 'Invalid token' : 'Token has expired');
  }
}

function presented(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

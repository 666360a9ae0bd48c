import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a confirmation is of: only the very same act may be confirmed by it. */
export interface ConfirmedAct {
  readonly operationId: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Whose it is. */
  readonly owner: string;
}

/** How long a confirmation lasts: long enough to ask a person, too short to be kept. */
export const CONFIRMATION_SECONDS = 300;

const FORM = /^([\da-f-]{36})\.([0-9a-z]{1,11})\.([\w-]{43})$/;

/**
 * Signs that an act was shown. The token says nothing of it: the act is part of what is signed, and whoever
 * brings the token brings the act again.
 *
 * @param id a UUID, by which one confirmation is told from another
 */
export function signConfirmation(
  act: ConfirmedAct,
  id: string,
  key: Uint8Array,
  now: number,
): string {
  const expires = Math.ceil(now / 1000 + CONFIRMATION_SECONDS).toString(36);
  return `${id}.${expires}.${signature(act, id, expires, key)}`;
}

/** @returns the id that was signed; undefined if it is not ours, too old, or of another act */
export function confirmationId(
  token: string,
  act: ConfirmedAct,
  key: Uint8Array,
  now: number,
): string | undefined {
  const [, id = '', expires = '', signed = ''] = FORM.exec(token) ?? [];
  const expected = Buffer.from(signature(act, id, expires, key));
  const given = Buffer.from(signed);
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  return isOurs && now < Number.parseInt(expires, 36) * 1000 ? id : undefined;
}

function signature(act: ConfirmedAct, id: string, expires: string, key: Uint8Array): string {
  const signed = JSON.stringify([id, expires, act.owner, act.operationId, digestOf(act.input)]);
  return createHmac('sha256', key).update(signed).digest('base64url');
}

/** The same for the same input, in whatever order its members come. */
export function digestOf(input: unknown): string {
  return createHash('sha256').update(canonical(input)).digest('base64url');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

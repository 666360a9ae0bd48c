/** Codes of failures that come before a request is on the wire. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
]);

/** Codes that an open connection may end with, too. */
const NEVER_SENT_AT_CONNECT = new Set(['ENETUNREACH', 'EHOSTUNREACH']);

/** What is known of a request that was not answered. */
export interface LostRequest {
  /** The code of the failure, or its name. */
  readonly code: string;
  /** False if it cannot have reached anybody. */
  readonly mayHaveArrived: boolean;
}

export function lostRequest(error: unknown): LostRequest {
  const code = textOf(error, 'code') ?? (error instanceof Error ? error.name : 'unknown');
  const neverLeft =
    NEVER_SENT.has(code) ||
    (NEVER_SENT_AT_CONNECT.has(code) && textOf(error, 'syscall') === 'connect');
  return { code, mayHaveArrived: !neverLeft };
}

function textOf(error: unknown, name: 'code' | 'syscall'): string | undefined {
  if (!(error instanceof Error) || !(name in error)) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}

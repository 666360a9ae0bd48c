/** Codes of failures that come before a request is on the wire. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
]);

/** What is known of a request that was not answered. */
export interface LostRequest {
  /** The code of the failure, or its name. */
  readonly code: string;
  /** False if it cannot have reached anybody. */
  readonly mayHaveArrived: boolean;
}

export function lostRequest(error: unknown): LostRequest {
  const code = errorCode(error);
  return { code, mayHaveArrived: !NEVER_SENT.has(code) };
}

function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return error.code;
  return error instanceof Error ? error.name : 'unknown';
}

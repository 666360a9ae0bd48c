import { GeoperaError } from '../geopera/geopera_error.ts';
import { uploads } from '../operations/uploads.ts';
import type { WorkflowContext } from './context.ts';
import { ALREADY_OVER } from './reservation.ts';
import type { SessionRecord } from './session_record.ts';

/** How long the API keeps what it answered to an idempotency key. */
const KEY_LIVES_MS = 24 * 60 * 60 * 1000;

/** What became of a session that its process left. */
export type CrashedSession =
  | { readonly state: 'released'; readonly uploadId: string }
  /** It had ended before, by completion or otherwise. */
  | { readonly state: 'over'; readonly uploadId: string }
  /** It was asked for, and no session can be found by its key: perhaps none was ever opened. */
  | { readonly state: 'unfindable' }
  | {
      readonly state: 'held';
      readonly uploadId: string | undefined;
      readonly reason: string;
      /** True if the same may succeed soon. */
      readonly again: boolean;
    };

export interface CrashedSessionRequest {
  readonly record: SessionRecord;
  /** Whether the record is of the account in use: another one's "not found" says nothing. */
  readonly sameAccount: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Takes the id of a session that was not known until now. */
  heard(uploadId: string): Promise<void>;
}

/** Gives back the quota of a session whose process is gone, by one `uploads.fail`. */
export async function releaseCrashedSession(
  request: CrashedSessionRequest,
  context: WorkflowContext,
): Promise<CrashedSession> {
  const { record } = request;
  const { uploadId } = record;
  if (uploadId !== undefined) return release(uploadId, request, context);
  if (request.now - record.startedAt > KEY_LIVES_MS) return { state: 'unfindable' };
  const found = await askAgain(request, context);
  if (typeof found !== 'string') return found;
  await request.heard(found);
  return release(found, request, context);
}

async function release(
  uploadId: string,
  { record, sameAccount }: CrashedSessionRequest,
  { geopera }: WorkflowContext,
): Promise<CrashedSession> {
  const { signal } = new AbortController();
  const input = {
    upload_id: uploadId,
    error_message: `the process that uploaded ended without a word (step ${record.step})`,
    error_step: 'crash',
  };
  try {
    await geopera.call(uploads.fail, input, signal, { patienceMs: 0 });
    return { state: 'released', uploadId };
  } catch (failure) {
    if (!(failure instanceof GeoperaError)) throw failure;
    const over = ALREADY_OVER.has(failure.kind) && (sameAccount || failure.kind !== 'not_found');
    return over ? { state: 'over', uploadId } : held(failure, uploadId, isPassing(failure));
  }
}

/**
 * Sends the same `uploads.initiate` with the same key: an API that honours the key answers with the
 * session that it opened then. One that does not opens a new session, which is released at once; the
 * old one could be found by nobody.
 */
async function askAgain(
  { record, sameAccount }: CrashedSessionRequest,
  { geopera }: WorkflowContext,
): Promise<string | CrashedSession> {
  const { signal } = new AbortController();
  const terms = { idempotencyKey: record.idempotencyKey, patienceMs: 0 };
  try {
    return (await geopera.call(uploads.initiate, record.initiate, signal, terms)).id;
  } catch (failure) {
    if (!(failure instanceof GeoperaError)) throw failure;
    if (sameAccount && REFUSED.has(failure.kind)) return { state: 'unfindable' };
    // If this answer was lost too, the next question is left to another day: each may open a session.
    return held(failure, undefined, isPassing(failure) && !failure.fateUnknown);
  }
}

/** Had the key been answered with a session, the API would have answered with it again. */
const REFUSED: ReadonlySet<GeoperaError['kind']> = new Set([
  'payment_required',
  'not_found',
  'gone',
  'invalid_input',
]);

const PASSING: ReadonlySet<GeoperaError['kind']> = new Set([
  'rate_limited',
  'unavailable',
  'unreachable',
]);

function isPassing({ kind }: GeoperaError): boolean {
  return PASSING.has(kind);
}

function held(
  { detail: reason }: GeoperaError,
  uploadId: string | undefined,
  again: boolean,
): CrashedSession {
  return { state: 'held', uploadId, reason, again };
}

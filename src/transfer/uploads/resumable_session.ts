import type { TransferEngine } from '../engine.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { headerText, type ResponseHeaders } from '../http/response_headers.ts';
import { parseTransferUrl } from '../urls/transfer_url.ts';
import {
  askStorage,
  type StorageAnswer,
  type StorageRequest,
  successOf,
} from './storage_request.ts';
import type { FilePiece } from './upload_body.ts';
import type { ResumableTarget } from './upload_target.ts';

/** A session takes bytes until it has all of them, and can be asked at any time what it has. */
export interface ResumableSession {
  /** Holds the session's secret: for requests, never for words. */
  readonly url: URL;
}

/** How far a session is: so many of the file's first bytes, or all of them and this said of the object. */
export type SessionState =
  | { readonly kind: 'open'; readonly bytes: number }
  | { readonly kind: 'complete'; readonly headers: ResponseHeaders };

const START = { 'x-goog-resumable': 'start' };
const STORED = /^bytes=0-(\d{1,16})$/;
/** What storage answers once a session is over or forgotten. */
const SESSION_GONE: ReadonlySet<number> = new Set([404, 410]);

/**
 * The session is no more; what it had is lost, and another may be started.
 *
 * @see https://cloud.google.com/storage/docs/resumable-uploads
 */
export class SessionLost extends TransferError {
  constructor(status: number) {
    super({
      code: 'storage_unavailable',
      outcome: 'transient',
      message: `storage has given up the resumable session (${status}).`,
      status,
    });
  }
}

/** Begins a session: one POST, whose answer names the URL of the session. */
export async function startSession(
  target: ResumableTarget,
  signal: AbortSignal,
  engine: TransferEngine,
): Promise<ResumableSession> {
  const url = parseTransferUrl(target.url);
  const names = Object.keys(target.headers).map((name) => name.toLowerCase());
  const headers = names.includes('x-goog-resumable')
    ? target.headers
    : { ...target.headers, ...START };
  const request: StorageRequest = { method: 'POST', url, headers, signal };
  const answer = await askStorage(request, engine);
  const { location } = successOf(answer, request, engine);
  return { url: sessionUrl(typeof location === 'string' ? location : undefined, url) };
}

function sessionUrl(location: string | undefined, from: URL): URL {
  const named = location !== undefined && URL.canParse(location, from.href);
  const url = named ? parseTransferUrl(new URL(location, from).href) : undefined;
  if (url === undefined || (from.protocol === 'https:' && url.protocol !== 'https:')) {
    throw new TransferError({
      code: 'storage_refused',
      message: 'storage answered the start of a resumable session without a usable address for it.',
    });
  }
  return url;
}

/** Asks a session what it has. */
export function sessionState(
  session: ResumableSession,
  bytes: number,
  signal: AbortSignal,
  engine: TransferEngine,
): Promise<SessionState> {
  const headers = { 'Content-Range': `bytes */${bytes}` };
  const request: StorageRequest = { method: 'PUT', url: session.url, headers, signal };
  return askSession(request, bytes, engine);
}

/** Sends a session the rest of the file, which must not be empty. */
export function sendRest(
  session: ResumableSession,
  rest: FilePiece & Pick<StorageRequest, 'signal' | 'onRead' | 'onSent'>,
  engine: TransferEngine,
): Promise<SessionState> {
  const { source, start, end, ...request } = rest;
  return askSession(
    {
      ...request,
      method: 'PUT',
      url: session.url,
      headers: { 'Content-Range': `bytes ${start}-${end - 1}/${end}` },
      piece: { source, start, end },
    },
    end,
    engine,
  );
}

async function askSession(
  request: StorageRequest,
  bytes: number,
  engine: TransferEngine,
): Promise<SessionState> {
  const answer = await askStorage(request, engine);
  const { status } = answer;
  if (status === 308) {
    return { kind: 'open', bytes: storedBytes(answer, bytes) };
  }
  if (SESSION_GONE.has(status)) {
    throw new SessionLost(status);
  }
  return { kind: 'complete', headers: successOf(answer, request, engine) };
}

/** No `Range` means no bytes. */
function storedBytes({ headers, sent }: StorageAnswer, bytes: number): number {
  const range = headerText(headers, 'range');
  if (range === undefined) {
    return 0;
  }
  const last = STORED.exec(range.trim())?.[1];
  const stored = last === undefined ? Number.NaN : Number(last) + 1;
  if (!(stored <= bytes)) {
    throw new TransferError({
      code: 'storage_refused',
      message: 'storage does not say what the resumable session has.',
      status: 308,
      bytesTransferred: sent,
    });
  }
  return stored;
}

import { type LinkedAbort, linkedAbort } from '../cancellable.ts';
import type { TransferEngine } from '../engine.ts';
import { connectionProblem, stalled } from '../failures/connection_problem.ts';
import { storageProblem } from '../failures/storage_problem.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { startOfBody } from '../http/body_text.ts';
import type { StorageExchange } from '../http/exchange.ts';
import type { ResponseHeaders } from '../http/response_headers.ts';
import { EARLY_ANSWER_FROM_BYTES } from '../sources/upload_source.ts';
import { signedUrlExpiry } from '../urls/signed_url_expiry.ts';
import { Watchdog } from '../watchdog.ts';
import { type FilePiece, uploadBody } from './upload_body.ts';

/** One request to storage that is no GET: with a piece of a file as its body, or none. */
export interface StorageRequest {
  readonly method: 'POST' | 'PUT';
  readonly url: URL;
  /** `Content-Length` is added, and nothing else. */
  readonly headers: Readonly<Record<string, string>>;
  readonly piece?: FilePiece;
  readonly signal: AbortSignal;
  /** Sees every chunk, in order, with its place in the file. */
  onRead?(chunk: Uint8Array, at: number): void;
  /** So many bytes of the piece were taken by the socket. */
  onSent?(bytes: number): void;
  /** How much of the answer's body is of interest; enough for an error document if absent. */
  readonly mostAnswerBytes?: number;
}

/** What storage said to it, of whatever status. */
export interface StorageAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The start of its body. */
  readonly body: string;
  /** The answer came before all of the piece was sent. */
  readonly early: boolean;
  /** Bytes of the piece that were sent. */
  readonly sent: number;
}

/** A request on its way: admitted, watched, answered. */
class RequestUnderWay {
  readonly #request: StorageRequest;
  readonly #engine: TransferEngine;
  readonly #exchange: StorageExchange;
  readonly #bytes: number;
  /** Ends with the request: a remote source may be slow, and is not waited for longer than that. */
  #reading: LinkedAbort | undefined;
  #watchdog: Watchdog | undefined;
  #over = false;
  #handed = 0;
  #seen = 0;
  #sent = 0;

  constructor(request: StorageRequest, exchange: StorageExchange, engine: TransferEngine) {
    this.#request = request;
    this.#exchange = exchange;
    this.#engine = engine;
    this.#bytes = bodyBytes(request);
  }

  async answer(): Promise<StorageAnswer> {
    const { signal, url } = this.#request;
    const { hosts } = this.#engine;
    const onAbort = () => this.#exchange.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      this.#start();
      return await this.#received();
    } catch (error) {
      throw connectionProblem(error, this.#sent, {
        answeredBefore: hosts.hasAnswered(url),
        idle: this.#exchange.onIdleConnection && !this.#exchange.answered,
      });
    } finally {
      this.#over = true;
      this.#watchdog?.stop();
      this.#reading?.release();
      this.#reading?.abort(new DOMException('the request is over', 'AbortError'));
      signal.removeEventListener('abort', onAbort);
    }
  }

  #start(): void {
    const { method, url, headers, piece, mostAnswerBytes } = this.#request;
    const { clock } = this.#engine;
    const startedAt = clock.now();
    let connectMs = 0;
    this.#exchange.start({
      method,
      url,
      headers: withLength(headers, this.#bytes),
      ...(piece !== undefined && this.#bytes > 0 && { body: this.#body(piece, () => connectMs) }),
      onChunk: (chunk) => this.#onChunk(chunk),
      closes: isLarge(this.#request),
      ...(mostAnswerBytes !== undefined && { mostAnswerBytes }),
      onStart: () => {
        connectMs = clock.now() - startedAt;
        this.#watch(this.#handed < this.#bytes ? 'uploadStallMs' : 'putAnswerMs');
      },
    });
  }

  #body(piece: FilePiece, connectMs: () => number): AsyncIterable<Uint8Array> {
    const { clock, limits } = this.#engine;
    const { signal } = this.#request;
    if (piece.source.isRemote) this.#reading = linkedAbort(signal);
    return uploadBody(piece, this.#exchange, clock, this.#reading?.signal ?? signal, {
      onHanded: (bytes) => {
        this.#handed += bytes;
        this.#watchdog?.resume();
      },
      onSent: (bytes) => this.#onSent(bytes),
      gateMs: () => Math.min(limits.gateMaxMs, Math.max(limits.gateMinMs, 1.5 * connectMs())),
    });
  }

  #onChunk(chunk: Uint8Array): void {
    const start = this.#request.piece?.start ?? 0;
    this.#request.onRead?.(chunk, start + this.#seen);
    this.#seen += chunk.byteLength;
  }

  #onSent(bytes: number): void {
    this.#sent = bytes;
    this.#watchdog?.touch();
    if (bytes === this.#bytes) {
      this.#watch('putAnswerMs');
    } else if (this.#awaitsSource()) {
      this.#watchdog?.suspend();
    }
    this.#request.onSent?.(bytes);
  }

  #watch(limit: 'uploadStallMs' | 'putAnswerMs'): void {
    // A fast answer overtakes the note that the socket took the last chunk.
    if (this.#over) return;
    const windowMs = this.#engine.limits[limit];
    this.#watchdog?.stop();
    this.#watchdog = new Watchdog(this.#engine.clock, windowMs, () =>
      this.#exchange.abort(stalled(windowMs, this.#sent)),
    );
    if (this.#awaitsSource()) this.#watchdog.suspend();
  }

  /** Storage has taken all that there is, and more comes from a source that watches itself. */
  #awaitsSource(): boolean {
    const isRemote = this.#request.piece?.source.isRemote === true;
    return isRemote && this.#handed === this.#sent && this.#sent < this.#bytes;
  }

  async #received(): Promise<StorageAnswer> {
    const { status, headers, body } = await this.#exchange.response;
    this.#engine.hosts.answered(this.#request.url, headers);
    const text = await startOfBody(body, this.#request.mostAnswerBytes);
    this.#request.signal.throwIfAborted();
    const early = this.#handed < this.#bytes;
    return { status, headers, body: text, early, sent: this.#sent };
  }
}

function bodyBytes({ piece }: StorageRequest): number {
  return piece === undefined ? 0 : piece.end - piece.start;
}

/** A reset on a kept-alive connection would cost the whole body; a small one is cheap to repeat. */
function isLarge(request: StorageRequest): boolean {
  return bodyBytes(request) >= EARLY_ANSWER_FROM_BYTES;
}

function withLength(
  signed: Readonly<Record<string, string>>,
  bytes: number,
): Readonly<Record<string, string>> {
  const others = Object.entries(signed).filter(([name]) => name.toLowerCase() !== 'content-length');
  return { ...Object.fromEntries(others), 'Content-Length': String(bytes) };
}

/** Whether a URL has run out by storage's own clock; no other is believed. */
function isExpired(url: URL, engine: TransferEngine): boolean {
  const now = engine.hosts.timeAt(url);
  const end = signedUrlExpiry(url);
  return now !== undefined && end !== undefined && now >= end;
}

/**
 * Makes one request, once the engine's limiter admits it.
 *
 * @returns the answer, whatever its status
 * @throws TransferError for a lost or stalled connection, a URL that has run out, a file that changed;
 * or the signal's reason
 */
export async function askStorage(
  request: StorageRequest,
  engine: TransferEngine,
): Promise<StorageAnswer> {
  const { url, signal, piece } = request;
  const wasExpired = isExpired(url, engine);
  const pace = piece?.source.isRemote === true ? 'relayed' : 'own';
  const release = await engine.limiter.admit(url, signal, pace);
  try {
    if (!wasExpired && isExpired(url, engine)) {
      throw new TransferError({
        code: 'url_expired',
        outcome: 'expired',
        message: 'the signed URL ran out while it waited to be used.',
        host: url.host,
      });
    }
    const exchange = await engine.openExchange(url, isLarge(request) ? 'fresh' : 'shared');
    return await new RequestUnderWay(request, exchange, engine).answer();
  } finally {
    release();
  }
}

/**
 * What an answer of success says.
 *
 * @throws TransferError for any other answer, and for one that came before all was sent
 */
export function successOf(
  answer: StorageAnswer,
  { url }: StorageRequest,
  engine: TransferEngine,
): ResponseHeaders {
  const { status, headers, body, sent: bytesTransferred } = answer;
  if (status >= 300 && status < 400) {
    throw new TransferError({
      code: 'redirect_refused',
      message: `storage answered ${status}: an upload follows no redirect.`,
      status,
      bytesTransferred,
    });
  }
  if (status >= 300) {
    const now = engine.hosts.timeAt(url) ?? engine.clock.now();
    throw storageProblem({ status, headers, body, url, now, bytesTransferred });
  }
  if (answer.early) {
    throw new TransferError({
      code: 'connection_lost',
      outcome: 'transient',
      message: `storage answered ${status} before it had all that was to be sent.`,
      status,
      bytesTransferred,
    });
  }
  return headers;
}

import { startOfBody } from './body_text.ts';
import { connectionProblem, stalled } from './connection_problem.ts';
import type { Digests } from './digests.ts';
import type { TransferEngine } from './engine.ts';
import { HttpExchange } from './http_exchange.ts';
import type { ResponseHeaders } from './response_headers.ts';
import { EARLY_ANSWER_FROM_BYTES, type SourceFile } from './source_file.ts';
import { storageProblem } from './storage_problem.ts';
import { TransferError } from './transfer_error.ts';
import { parseTransferUrl } from './transfer_url.ts';
import { uploadBody } from './upload_body.ts';
import { Watchdog } from './watchdog.ts';

/** Where one PUT goes. */
export interface SignedTarget {
  readonly url: string;
  /** Exactly the headers that were signed; only `Content-Length` is added to them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is put. */
export interface PutRequest {
  readonly source: SourceFile;
  readonly signal: AbortSignal;
}

/** One attempt: one PUT, watched until it is answered. */
export class SinglePut {
  readonly #put: PutRequest;
  readonly #engine: TransferEngine;
  readonly #digests: Digests;
  readonly #report: (bytes: number) => void;
  readonly #exchange = new HttpExchange();
  #watchdog: Watchdog | undefined;
  #handed = 0;
  #sent = 0;

  constructor(
    put: PutRequest,
    engine: TransferEngine,
    digests: Digests,
    report: (bytes: number) => void,
  ) {
    this.#put = put;
    this.#engine = engine;
    this.#digests = digests;
    this.#report = report;
  }

  /** @returns the headers of an answer of success to the whole file */
  async send(target: SignedTarget): Promise<ResponseHeaders> {
    const { signal } = this.#put;
    const url = parseTransferUrl(target.url);
    const onAbort = () => this.#exchange.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#start(url, target.headers);
      signal.throwIfAborted();
      return await this.#answer(url);
    } catch (error) {
      throw connectionProblem(error, this.#sent);
    } finally {
      this.#watchdog?.stop();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #start(url: URL, signed: Readonly<Record<string, string>>): Promise<void> {
    const { source } = this.#put;
    // A reset on a kept-alive connection would cost the whole body; a small one is cheap to repeat.
    const large = source.size >= EARLY_ANSWER_FROM_BYTES;
    const dispatcher = await this.#engine.dispatcher(large ? 'fresh' : 'shared');
    const startedAt = this.#engine.clock.now();
    let connectMs = 0;
    this.#exchange.start(dispatcher, {
      method: 'PUT',
      url,
      headers: withLength(signed, source.size),
      ...(source.size > 0 && { body: this.#body(() => connectMs) }),
      closes: large,
      onStart: () => {
        connectMs = this.#engine.clock.now() - startedAt;
        this.#watch(this.#handed < source.size ? 'uploadStallMs' : 'putAnswerMs');
      },
    });
  }

  #body(connectMs: () => number): AsyncIterable<Uint8Array> {
    const { limits } = this.#engine;
    return uploadBody(this.#put.source, this.#exchange, this.#engine.clock, this.#put.signal, {
      onRead: (chunk) => {
        this.#digests.update(chunk);
        this.#handed += chunk.byteLength;
      },
      onSent: (bytes) => this.#onSent(bytes),
      gateMs: () => Math.min(limits.gateMaxMs, Math.max(limits.gateMinMs, 1.5 * connectMs())),
    });
  }

  #onSent(bytes: number): void {
    this.#sent = bytes;
    this.#watchdog?.touch();
    if (bytes === this.#put.source.size) {
      this.#watch('putAnswerMs');
    }
    this.#report(bytes);
  }

  #watch(limit: 'uploadStallMs' | 'putAnswerMs'): void {
    const windowMs = this.#engine.limits[limit];
    this.#watchdog?.stop();
    this.#watchdog = new Watchdog(this.#engine.clock, windowMs, () =>
      this.#exchange.abort(stalled(windowMs, this.#sent)),
    );
  }

  async #answer(url: URL): Promise<ResponseHeaders> {
    const response = await this.#exchange.response;
    const body = await startOfBody(response.body);
    this.#put.signal.throwIfAborted();
    if (response.status >= 300 && response.status < 400) {
      throw new TransferError({
        code: 'redirect_refused',
        message: `storage answered ${response.status}: an upload follows no redirect.`,
        status: response.status,
        bytesTransferred: this.#sent,
      });
    }
    if (response.status >= 300) {
      const { status, headers } = response;
      const now = this.#engine.clock.now();
      throw storageProblem({ status, headers, body, url, now, bytesTransferred: this.#sent });
    }
    if (this.#handed < this.#put.source.size) {
      throw new TransferError({
        code: 'connection_lost',
        outcome: 'transient',
        message: `storage answered ${response.status} before it had the whole file.`,
        status: response.status,
        bytesTransferred: this.#sent,
      });
    }
    return response.headers;
  }
}

function withLength(
  signed: Readonly<Record<string, string>>,
  bytes: number,
): Readonly<Record<string, string>> {
  const others = Object.entries(signed).filter(([name]) => name.toLowerCase() !== 'content-length');
  return { ...Object.fromEntries(others), 'Content-Length': String(bytes) };
}

import { startOfBody } from './body_text.ts';
import { untilAborted } from './cancellable.ts';
import { connectionProblem, stalled } from './connection_problem.ts';
import { createDigests, type Digests } from './digests.ts';
import type { TransferEngine } from './engine.ts';
import { HttpExchange, type HttpResponse } from './http_exchange.ts';
import type { OpenReason } from './retry_policy.ts';
import { withRetries } from './retrying.ts';
import { EARLY_ANSWER_FROM_BYTES, type SourceFile } from './source_file.ts';
import { storageProblem } from './storage_problem.ts';
import { TransferError } from './transfer_error.ts';
import { parseTransferUrl } from './transfer_url.ts';
import { uploadBody } from './upload_body.ts';
import { type StoredObject, storedObject, verifyStored } from './verify_upload.ts';
import { Watchdog } from './watchdog.ts';

/** Where one PUT goes. */
export interface SignedTarget {
  readonly url: string;
  /** Exactly the headers that were signed; only `Content-Length` is added to them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface UploadRequest {
  /** Opened and closed by the caller. */
  readonly source: SourceFile;
  /** Called before every attempt. What it throws ends the upload as it is. */
  sign(reason: OpenReason, signal: AbortSignal): Promise<SignedTarget>;
  readonly signal: AbortSignal;
  /** Bytes handed to the network; never falls, not even when an attempt starts over. */
  onProgress?(bytesDone: number): void;
  /** Also compute SHA-256, at some cost. */
  readonly sha256?: boolean;
}

export interface UploadReceipt {
  readonly bytes: number;
  /** Of the bytes that were sent: base64, as `x-goog-hash` writes it. */
  readonly crc32c: string;
  /** Lower-case hex, if it was asked for. */
  readonly sha256?: string;
  readonly storage: StoredObject;
  /** What storage stated and agreed with what was sent. */
  readonly verified: 'crc32c' | 'size' | 'none';
  readonly attempts: number;
}

/**
 * Puts one file to one signed URL in a single streamed request, in under 1 MiB of memory.
 *
 * Every retry sends the whole file again to a freshly signed URL.
 *
 * @throws TransferError; or the signal's reason; or what `sign` or `onProgress` threw
 */
export async function uploadFile(
  request: UploadRequest,
  engine: TransferEngine,
): Promise<UploadReceipt> {
  let highest = 0;
  const report = (bytes: number) => {
    if (bytes > highest) {
      highest = bytes;
      request.onProgress?.(bytes);
    }
  };
  return withRetries(engine, request.signal, async ({ number, reason }) => {
    const target = await untilAborted(request.sign(reason, request.signal), request.signal);
    const digests = await createDigests({ sha256: request.sha256 ?? false });
    const put = new SinglePut(request, engine, digests, report);
    const response = await put.send(target);
    const values = digests.values();
    const storage = storedObject(response.headers);
    return {
      bytes: request.source.size,
      crc32c: values.crc32c,
      ...(values.sha256 !== undefined && { sha256: values.sha256 }),
      storage,
      verified: verifyStored(storage, values, request.source.size),
      attempts: number,
    };
  });
}

/** One attempt: one PUT, watched until it is answered. */
class SinglePut {
  readonly #request: UploadRequest;
  readonly #engine: TransferEngine;
  readonly #digests: Digests;
  readonly #report: (bytes: number) => void;
  readonly #exchange = new HttpExchange();
  #watchdog: Watchdog | undefined;
  #handed = 0;
  #sent = 0;

  constructor(
    request: UploadRequest,
    engine: TransferEngine,
    digests: Digests,
    report: (bytes: number) => void,
  ) {
    this.#request = request;
    this.#engine = engine;
    this.#digests = digests;
    this.#report = report;
  }

  /** @returns an answer of success to the whole file */
  async send(target: SignedTarget): Promise<HttpResponse> {
    const { signal } = this.#request;
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
    const { source } = this.#request;
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
    return uploadBody(
      this.#request.source,
      this.#exchange,
      this.#engine.clock,
      this.#request.signal,
      {
        onRead: (chunk) => {
          this.#digests.update(chunk);
          this.#handed += chunk.byteLength;
        },
        onSent: (bytes) => this.#onSent(bytes),
        gateMs: () => Math.min(limits.gateMaxMs, Math.max(limits.gateMinMs, 1.5 * connectMs())),
      },
    );
  }

  #onSent(bytes: number): void {
    this.#sent = bytes;
    this.#watchdog?.touch();
    if (bytes === this.#request.source.size) {
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

  async #answer(url: URL): Promise<HttpResponse> {
    const response = await this.#exchange.response;
    const body = await startOfBody(response.body);
    this.#request.signal.throwIfAborted();
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
    if (this.#handed < this.#request.source.size) {
      throw new TransferError({
        code: 'connection_lost',
        outcome: 'transient',
        message: `storage answered ${response.status} before it had the whole file.`,
        status: response.status,
        bytesTransferred: this.#sent,
      });
    }
    return response;
  }
}

function withLength(
  signed: Readonly<Record<string, string>>,
  bytes: number,
): Readonly<Record<string, string>> {
  const others = Object.entries(signed).filter(([name]) => name.toLowerCase() !== 'content-length');
  return { ...Object.fromEntries(others), 'Content-Length': String(bytes) };
}

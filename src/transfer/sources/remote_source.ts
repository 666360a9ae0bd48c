import { AbortWatch, linkedAbort } from '../cancellable.ts';
import { pourWatched } from '../downloads/pour_watched.ts';
import { watchedSink } from '../downloads/watched_sink.ts';
import { remoteProblem } from '../failures/remote_problem.ts';
import { type Attempt, withRetries } from '../failures/retrying.ts';
import { TransferError } from '../failures/transfer_error.ts';
import type { ByteSink } from '../http/get_answer.ts';
import { Watchdog } from '../watchdog.ts';
import { ChunkRelay } from './chunk_relay.ts';
import type { RemoteAccess } from './remote_access.ts';
import { CannotGoOn, type RemoteBody, RemoteRequests } from './remote_requests.ts';
import type { RemoteVersion } from './remote_version.ts';
import { type PaceLimits, SourcePace } from './source_pace.ts';
import type { SourceRange, UploadSource } from './upload_source.ts';

/** The file at a URL, of the version it had when it was opened. */
class RemoteSource implements UploadSource {
  readonly isRemote = true;
  readonly #requests: RemoteRequests;
  readonly #access: RemoteAccess;
  readonly #version: RemoteVersion;
  readonly #life: Lifetime;
  /** What the opening has begun, for the first who reads from the first byte. */
  #begun: RemoteBody | undefined;

  constructor(opened: {
    readonly requests: RemoteRequests;
    readonly access: RemoteAccess;
    readonly version: RemoteVersion;
    readonly life: Lifetime;
    readonly begun: RemoteBody;
  }) {
    this.#requests = opened.requests;
    this.#access = opened.access;
    this.#version = opened.version;
    this.#life = opened.life;
    this.#begun = opened.begun;
  }

  get size(): number {
    return this.#version.total;
  }

  async *chunks(
    signal: AbortSignal,
    range: SourceRange = { start: 0, end: this.size },
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const reading = new AbortController();
    const watch = new AbortWatch((reason) => reading.abort(reason));
    watch.follow(signal);
    watch.follow(this.#life.signal);
    const relay = new ChunkRelay(range.end - range.start);
    if (range.end > range.start) {
      this.#fill(relay, range, reading).catch((error: unknown) => relay.fail(error));
    }
    try {
      yield* relay.chunks();
    } finally {
      watch.release();
      reading.abort(new DOMException('nobody reads on', 'AbortError'));
    }
  }

  async close(): Promise<void> {
    this.#takeBegun()?.discard();
    this.#life.end(new DOMException('the source was closed', 'AbortError'));
  }

  /**
   * Brings all bytes of a range, over as many connections as that takes. Those that came are not asked
   * for again.
   */
  async #fill(relay: ChunkRelay, range: SourceRange, reading: AbortController): Promise<void> {
    let begun = range.start === 0 && range.end === this.size ? this.#takeBegun() : undefined;
    const { engine, limits } = this.#access;
    const { signal } = reading;
    const pace = new SourcePace(engine.clock, limits, () => reading.abort(tooSlowly(limits)));
    const sink = watchedSink(relay, pace);
    try {
      await withRetries(
        engine,
        signal,
        async (attempt) => {
          while (range.start + relay.received < range.end) {
            const body = begun;
            begun = undefined;
            await this.#fillOnce(relay, sink, range, attempt, signal, body);
          }
        },
        'progress',
      );
    } catch (error) {
      signal.throwIfAborted();
      throw finalProblem(error, range.start + relay.received);
    } finally {
      // What came whole may yet wait long for storage.
      pace.stop();
    }
  }

  async #fillOnce(
    relay: ChunkRelay,
    sink: ByteSink,
    { start, end }: SourceRange,
    { progressed }: Attempt,
    signal: AbortSignal,
    begun: RemoteBody | undefined,
  ): Promise<void> {
    const before = relay.received;
    const position = () => start + relay.received;
    const attempt = linkedAbort(signal);
    let body = begun;
    try {
      body ??= await this.#ask({ start: position(), end }, attempt.signal);
      await pourWatched(body, sink, attempt, this.#access.engine, position);
      // A server may send less than it was asked for, but not nothing for ever.
      if (relay.received === before) throw nothingCame();
    } catch (error) {
      progressed(relay.received - before);
      throw remoteProblem(error);
    } finally {
      attempt.release();
      body?.discard();
    }
  }

  #ask(range: SourceRange, signal: AbortSignal): Promise<RemoteBody> {
    const isWhole = range.start === 0 && range.end === this.size;
    return isWhole
      ? this.#requests.whole(this.#version, signal)
      : this.#requests.part(range, this.#version, signal);
  }

  #takeBegun(): RemoteBody | undefined {
    const begun = this.#begun;
    this.#begun = undefined;
    return begun;
  }
}

/** How long a source may be read at all. */
class Lifetime {
  readonly #over = new AbortController();
  readonly #timer: Watchdog;

  /** Begins at once. */
  constructor({ engine, limits }: RemoteAccess) {
    const { mostMs } = limits;
    // Nothing touches it.
    this.#timer = new Watchdog(engine.clock, mostMs, () => this.#over.abort(tooSlow(mostMs)));
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  end(reason: unknown): void {
    this.#timer.stop();
    this.#over.abort(reason);
  }
}

/** What the upload is told, once the source itself has tried all that it may. */
function finalProblem(error: unknown, bytesTransferred: number): unknown {
  if (error instanceof CannotGoOn) {
    return new TransferError({
      code: 'source_unavailable',
      outcome: 'transient',
      message: `the source broke off after ${bytesTransferred} bytes, and ${error.message}.`,
      bytesTransferred,
    });
  }
  if (!(error instanceof TransferError) || !error.retryable) return error;
  const { message } = error;
  return new TransferError({ ...error, message, outcome: 'given_up', bytesTransferred });
}

function nothingCame(): TransferError {
  return new TransferError({
    code: 'source_unavailable',
    outcome: 'transient',
    message: 'the source sent an empty answer for a part of the file.',
  });
}

function tooSlow(mostMs: number): TransferError {
  return new TransferError({
    code: 'source_too_slow',
    message: `the file did not come within the ${Math.round(mostMs / 1000)} s that a fetch may take.`,
  });
}

function tooSlowly({ leastBytesPerSecond, paceMs }: PaceLimits): TransferError {
  const least = Math.round(leastBytesPerSecond / 1024);
  return new TransferError({
    code: 'source_too_slow',
    message: `the source sent less than ${least} KiB/s for ${Math.round(paceMs / 1000)} s.`,
  });
}

function tooLarge(bytes: number, mostBytes: number): TransferError {
  return new TransferError({
    code: 'source_too_large',
    message: `the file has ${bytes} bytes, and a fetch may bring ${mostBytes}.`,
  });
}

/**
 * Opens the file at a URL: asks for all of it, and reads no byte of it yet.
 *
 * @param url https, or what else `access` allows; where it redirects to is judged the same way
 * @throws TransferError `address_refused`, `redirect_refused`, `source_refused`,
 * `source_unavailable`, `source_size_unknown`, `source_encoded`, `source_too_large`,
 * `source_too_slow`; or the signal's reason
 */
export async function openRemoteSource(
  url: URL,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<UploadSource> {
  const { engine, limits } = access;
  const requests = new RemoteRequests(url, access);
  const life = new Lifetime(access);
  const opening = new AbortController();
  const watch = new AbortWatch((reason) => opening.abort(reason));
  watch.follow(signal);
  watch.follow(life.signal);
  try {
    const { version, body: begun } = await withRetries(engine, opening.signal, () =>
      requests.open(opening.signal),
    );
    if (version.total > limits.mostBytes) {
      begun.discard();
      throw tooLarge(version.total, limits.mostBytes);
    }
    return new RemoteSource({ requests, access, version, life, begun });
  } catch (error) {
    life.end(error);
    throw error;
  } finally {
    watch.release();
  }
}

import { setMaxListeners } from 'node:events';
import { linkedAbort } from '../cancellable.ts';
import type { PartialDownload } from './partial_download.ts';
import type { OpenedRange, RangeRequests } from './range_requests.ts';
import { RangeStream, type StreamContext } from './range_stream.ts';
import { StreamCount } from './stream_count.ts';

/** How often it is looked whether more streams would help. */
const LOOK_EVERY_MS = 20;
/** Places at storage that a download does not take for more of its own streams. */
const PLACES_FOR_OTHERS = 4;
/** At most this much of a transfer, in time, is lost with its process. */
const CHECKPOINT_EVERY_MS = 5_000;

export interface StreamsContext extends Omit<StreamContext, 'onBytes'> {
  readonly partial: PartialDownload;
  /** For a stream of its own: another connection. */
  connect(): Promise<RangeRequests>;
  /** So many bytes of the file are there. */
  report(done: number): void;
  /** Milliseconds from the first request to its answer. */
  readonly roundTripMs: number;
}

/** Runs the streams of one download: as many as make it faster, until every byte is there. */
export class DownloadStreams {
  readonly #context: StreamsContext;
  readonly #running = new Map<RangeStream, Promise<void>>();
  readonly #stop;
  readonly #count: StreamCount;
  #failure: { readonly error: unknown } | undefined;
  #received = 0;
  #checkpointAt: number;
  #checkpoint: Promise<void> = Promise.resolve();

  constructor(context: StreamsContext) {
    this.#context = context;
    this.#stop = linkedAbort(context.signal);
    // Each stream follows it, at each attempt.
    setMaxListeners(0, this.#stop.signal);
    this.#count = new StreamCount(context.roundTripMs, context.engine.limits.moreStreamsFromBytes);
    this.#checkpointAt = context.engine.clock.now() + CHECKPOINT_EVERY_MS;
  }

  /**
   * @param requests the connection that the download began with
   * @param opened its answer, for the first stretch of the plan
   * @throws what ended the first stream that failed
   */
  async run(requests: RangeRequests, opened: OpenedRange): Promise<void> {
    try {
      this.#start(requests, opened);
      this.#adapt().catch((error: unknown) => this.#fail(error));
      while (this.#running.size > 0) {
        await Promise.race(this.#running.values());
        // What a stream gave back when the others had nothing left to do.
        if (this.#running.size === 0 && this.#goesOn) this.#start(await this.#context.connect());
      }
    } finally {
      this.#stop.abort(new DOMException('the download has ended', 'AbortError'));
      this.#stop.release();
      await this.#checkpoint;
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  get #goesOn(): boolean {
    return this.#failure === undefined && this.#context.plan.remaining > 0;
  }

  /** The last places at storage are for transfers that have none yet. */
  get #mayAdd(): boolean {
    return this.#context.engine.limiter.spare > PLACES_FOR_OTHERS;
  }

  #start(requests: RangeRequests, opened?: OpenedRange): void {
    const stream = new RangeStream(
      {
        ...this.#context,
        signal: this.#stop.signal,
        onBytes: (bytes) => this.#onBytes(bytes),
      },
      requests,
    );
    const ended = stream.run(opened).then(
      () => void this.#running.delete(stream),
      (error: unknown) => {
        this.#running.delete(stream);
        // Some servers allow fewer connections: then those that are left do it all.
        if (!stream.delivering && this.#running.size > 0) this.#count.lost(this.#running.size);
        else this.#fail(error);
      },
    );
    this.#running.set(stream, ended);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort(error);
  }

  #onBytes(bytes: number): void {
    const { engine } = this.#context;
    this.#received += bytes;
    this.#context.report(this.#received);
    const now = engine.clock.now();
    if (now < this.#checkpointAt) return;
    this.#checkpointAt = now + CHECKPOINT_EVERY_MS;
    this.#checkpoint = this.#noteAll().catch((error: unknown) => this.#fail(error));
  }

  async #noteAll(): Promise<void> {
    await this.#checkpoint;
    await Promise.all([...this.#running.keys()].map((stream) => stream.cut()));
    await this.#context.partial.checkpoint();
  }

  async #adapt(): Promise<void> {
    const { engine, plan } = this.#context;
    const { signal } = this.#stop;
    const busy = engine.watchLoad();
    while (!this.#count.settled && plan.remaining > engine.limits.moreStreamsFromBytes) {
      await engine.clock.wait(LOOK_EVERY_MS, signal).catch(() => {});
      if (signal.aborted) return;
      const streams = this.#count.next({
        now: engine.clock.now(),
        bytes: this.#received,
        delivering: [...this.#running.keys()].filter(({ delivering }) => delivering).length,
        busy: busy(),
        remaining: plan.remaining,
      });
      await this.#resize(streams);
    }
  }

  async #resize(streams: number): Promise<void> {
    const running = [...this.#running.keys()];
    for (const stream of running.slice(streams)) stream.retire();
    for (let more = streams - running.length; more > 0 && this.#mayAdd; more -= 1) {
      const requests = await this.#context.connect();
      if (this.#stop.signal.aborted) {
        requests.close();
        return;
      }
      this.#start(requests);
    }
  }
}

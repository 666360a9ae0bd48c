import { type LinkedAbort, linkedAbort } from '../cancellable.ts';
import type { TransferEngine } from '../engine.ts';
import { type Attempt, withRetries } from '../failures/retrying.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { LeaseWriter, type WriterContext } from './lease_writer.ts';
import type { ObjectVersion } from './object_version.ts';
import { pourWatched } from './pour_watched.ts';
import type { Lease } from './range_plan.ts';
import type { OpenedRange, RangeRequests } from './range_requests.ts';

/** What the streams of one download share. */
export interface StreamContext extends Omit<WriterContext, 'onFailure'> {
  readonly engine: TransferEngine;
  readonly version: ObjectVersion;
  readonly signal: AbortSignal;
  /** An attempt failed and may be made again. */
  onAttemptFailed(): void;
}

/** One connection's part in a download: it leases a stretch, fetches it, leases the next. */
export class RangeStream {
  readonly #context: StreamContext;
  readonly #requests: RangeRequests;
  #writer: LeaseWriter | undefined;
  #retired = false;
  #delivering = false;

  constructor(context: StreamContext, requests: RangeRequests) {
    this.#context = context;
    this.#requests = requests;
  }

  /** True once bytes have come over it. */
  get delivering(): boolean {
    return this.#delivering;
  }

  /**
   * Fetches until nothing is left to lease, or it is retired.
   *
   * @param opened an answer for the first stretch that is already there
   */
  async run(opened?: OpenedRange): Promise<void> {
    let ready = opened;
    try {
      while (!this.#retired) {
        const lease = this.#context.plan.claim();
        if (lease === undefined) return;
        await this.#fetch(lease, ready);
        ready = undefined;
      }
    } finally {
      // If every byte was there already, nobody poured it, and it has its place at storage still.
      ready?.discard();
      this.#requests.close();
    }
  }

  /** Ends it soon; what it did not fetch is free for others. */
  retire(): void {
    this.#retired = true;
    this.#writer?.retire();
  }

  /** Notes what has come so far. */
  async cut(): Promise<void> {
    await this.#writer?.cut();
  }

  async #fetch(lease: Lease, opened: OpenedRange | undefined): Promise<void> {
    const { engine, signal, plan } = this.#context;
    let ready = opened;
    try {
      await withRetries(
        engine,
        signal,
        async (attempt) => {
          const from = lease.position;
          try {
            await this.#attempt(lease, attempt, ready);
          } catch (error) {
            this.#context.onAttemptFailed();
            attempt.progressed(lease.position - from);
            throw error;
          } finally {
            ready = undefined;
          }
        },
        'progress',
      );
    } finally {
      plan.giveBack(lease);
    }
  }

  async #attempt(lease: Lease, attempt: Attempt, ready: OpenedRange | undefined): Promise<void> {
    const link = linkedAbort(this.#context.signal);
    const writer = new LeaseWriter(lease, {
      ...this.#context,
      onBytes: (bytes) => {
        this.#delivering = true;
        this.#context.onBytes(bytes);
      },
      onFailure: (error) => link.abort(error),
    });
    this.#writer = writer;
    let opened = ready;
    let { reason } = attempt;
    try {
      while (lease.position < lease.end && !this.#retired) {
        const { position: start, end } = lease;
        opened ??= await this.#requests.open(
          { start, end, version: this.#context.version },
          reason,
          link.signal,
        );
        reason = 'first';
        await this.#pour(opened, lease, writer, link);
        opened = undefined;
      }
    } finally {
      link.release();
      await writer.finish();
      this.#writer = undefined;
    }
  }

  async #pour(
    opened: OpenedRange,
    lease: Lease,
    writer: LeaseWriter,
    attempt: LinkedAbort,
  ): Promise<void> {
    const from = lease.position;
    if (opened.answer.kind === 'part') writer.upTo(opened.answer.end);
    await pourWatched(opened, writer, attempt, this.#context.engine, () => lease.position);
    // A server may send less than it was asked for, but not nothing for ever.
    if (lease.position === from && from < lease.end && !this.#retired) {
      throw new TransferError({
        code: 'connection_lost',
        outcome: 'transient',
        message: 'storage sent an empty answer for a part of the file.',
      });
    }
  }
}

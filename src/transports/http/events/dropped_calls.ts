import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../transfer/clock.ts';
import type { CallStream } from './call_stream.ts';
import type { SessionEvents } from './session_events.ts';

/** As long as a client may take to come back; SDKs wait one second at first. */
const GRACE_MS = 10_000;

interface RunningCall {
  readonly stream: CallStream;
  readonly left: AbortController;
  /** On which its answer is sent. */
  connections: number;
  /** Runs while there is none. */
  grace: AbortController | undefined;
}

export interface DroppedCallsOptions {
  readonly events: SessionEvents;
  readonly clock: Clock;
  readonly graceMs?: number | undefined;
}

/** Tells the calls of one session that their client is gone, if it does not come back in time. */
export class DroppedCalls {
  readonly #options: DroppedCallsOptions;
  readonly #running = new Set<RunningCall>();
  readonly #closed = new AbortController();

  constructor(options: DroppedCallsOptions) {
    this.#options = options;
  }

  /**
   * Watches the response to a POST.
   *
   * @param left aborted when the connection was lost and the client did not come back; at once if it
   *   has no id to come back with
   */
  watch(response: ServerResponse, stream: CallStream, left: AbortController): void {
    const call: RunningCall = { stream, left, connections: 1, grace: undefined };
    this.#running.add(call);
    stream.onAnswered(() => this.#end(call));
    response.once('close', () => {
      if (!response.writableEnded) this.#drop(call);
      // Refused, or no call at all: there will be no answer to wait for.
      else if (stream.id === undefined) this.#end(call);
      // It is whole, or its client was sent to ask again later.
      else call.connections -= 1;
    });
  }

  /** Notes that a client is back at a stream, until the answered function is called. */
  hold(streamId: string): () => void {
    const call = [...this.#running].find(({ stream }) => stream.id === streamId);
    if (call === undefined) return () => undefined;
    call.connections += 1;
    call.grace?.abort();
    return () => this.#drop(call);
  }

  /** Tells every call that its client is gone, and none of anything from then on. */
  close(): void {
    this.#closed.abort();
    for (const call of [...this.#running]) this.#giveUp(call);
  }

  #drop(call: RunningCall): void {
    call.connections -= 1;
    if (call.connections > 0 || !this.#running.has(call)) return;
    if (call.stream.id === undefined) this.#giveUp(call);
    else void this.#giveGrace(call, call.stream.id);
  }

  async #giveGrace(call: RunningCall, streamId: string): Promise<void> {
    const { clock, events, graceMs = GRACE_MS } = this.#options;
    call.grace = new AbortController();
    const ended = AbortSignal.any([call.grace.signal, this.#closed.signal]);
    try {
      do await clock.wait(graceMs, ended);
      while (await events.isFollowedElsewhere(streamId));
    } catch (error) {
      if (ended.aborted) return;
      throw error;
    }
    if (!ended.aborted) this.#giveUp(call);
  }

  #end(call: RunningCall): void {
    this.#running.delete(call);
    call.grace?.abort();
  }

  #giveUp(call: RunningCall): void {
    this.#running.delete(call);
    call.left.abort();
  }
}

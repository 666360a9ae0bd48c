import type { ServerContext } from '../server_context.ts';
import { callSignal } from '../tools/call_signal.ts';
import { ClientGaveUp, isClientTimeout } from '../tools/client_timeouts.ts';
import type { Asked } from '../tools/tool.ts';
import type { RequestExtra } from '../tools/tool_offer.ts';
import { Cancelled } from '../transfer/cancelled.ts';

/** The requests of one client that are being answered, each with a signal of its own. */
export class RunningRequests {
  readonly #context: ServerContext;
  readonly #running = new Set<Promise<unknown>>();
  readonly #shutdown = new AbortController();

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** Does what a request asks for, with all it needs to know of who asks. */
  async run<Result>(
    { signal: cancelled, authInfo }: Pick<RequestExtra, 'signal' | 'authInfo'>,
    work: (asked: Asked) => Promise<Result>,
  ): Promise<Result> {
    const { left, owner, context } = this.#context.caller(authInfo);
    const { signal, release } = callSignal([
      // First: a client that left is told by the protocol as one that cancelled.
      ...(left === undefined ? [] : [{ signal: left, reason: () => new ClientGaveUp() }]),
      { signal: cancelled, reason: whyCancelled },
      { signal: this.#shutdown.signal, reason: shutDown },
    ]);
    const { jobs } = this.#context;
    const running = work({ owner, context, jobs, signal });
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      release();
    }
  }

  /** Cancels them all; resolves once each has cleaned up after itself. */
  async end(): Promise<void> {
    this.#shutdown.abort();
    await Promise.allSettled(this.#running);
  }
}

function whyCancelled(reason: unknown): Error {
  return isClientTimeout(reason) ? new ClientGaveUp() : new Cancelled('cancelled by the client');
}

/** Nobody asked to undo the transfers: what a download has stays for the next server. */
export function shutDown(): Cancelled {
  return new Cancelled('the server shut down', { keepPartial: true });
}

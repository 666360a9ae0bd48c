import type { RequestId } from '@modelcontextprotocol/sdk/types.js';

/** The answers to the requests of one POST. */
export class CallStream {
  /** As the SDK names it; undefined until an event with an id was made for it. */
  id: string | undefined;
  readonly #unanswered: Set<RequestId>;
  readonly #onAnswered: (() => void)[] = [];

  constructor(requestIds: Iterable<RequestId>) {
    this.#unanswered = new Set(requestIds);
  }

  get unanswered(): readonly RequestId[] {
    return [...this.#unanswered];
  }

  /** Calls back once every response is on its way. */
  onAnswered(tell: () => void): void {
    this.#onAnswered.push(tell);
  }

  /** Called before the response is stored, so that what is stored knows what it leaves. */
  answer(requestId: RequestId): void {
    this.#unanswered.delete(requestId);
  }

  /** Called once a response is on its way. */
  settle(): void {
    if (this.#unanswered.size === 0) for (const tell of this.#onAnswered.splice(0)) tell();
  }
}

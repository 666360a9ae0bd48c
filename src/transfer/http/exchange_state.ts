import type { HttpResponse } from './exchange.ts';

/** How an exchange stands, whatever it goes over. */
export abstract class ExchangeState {
  readonly response: Promise<HttpResponse>;
  readonly settled: Promise<void>;
  #answered = false;
  #failed = false;
  #answer: (response: HttpResponse) => void = () => {};
  #refuse: (reason: unknown) => void = () => {};
  #settle: () => void = () => {};

  constructor() {
    this.response = new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#refuse = reject;
    });
    // Whoever aborts may not be waiting for the answer any more.
    this.response.catch(() => {});
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get answered(): boolean {
    return this.#answered;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** The head of the answer is there. */
  protected begin(response: HttpResponse): void {
    this.#answered = true;
    this.#answer(response);
  }

  /** The answer is over. */
  protected settle(): void {
    this.#settle();
  }

  protected fail(reason: unknown): void {
    this.#failed = true;
    this.#refuse(reason);
    this.#settle();
  }
}

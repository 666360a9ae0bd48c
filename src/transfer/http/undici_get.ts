import { AbortWatch } from '../cancellable.ts';
import type { Clock } from '../clock.ts';
import { connectionProblem, stalled } from '../failures/connection_problem.ts';
import { Watchdog } from '../watchdog.ts';
import { UntilCloseBody } from './body_decoder.ts';
import type { GetAnswer, GetChannel } from './get_answer.ts';
import { IncomingBody } from './incoming_body.ts';
import type { HttpDispatcher } from './undici_exchange.ts';

type DispatchHandler = Parameters<HttpDispatcher['dispatch']>[1];
type Controller = Parameters<NonNullable<DispatchHandler['onRequestStart']>>[0];

export interface UndiciGetWorld {
  readonly clock: Clock;
  /** From the request being sent to the head of the answer. */
  readonly getAnswerMs: number;
  /** Knows the proxy. */
  dispatcher(): Promise<HttpDispatcher>;
}

/** GET through undici, which speaks with proxies; what comes is copied into the memory of the sink. */
export class UndiciGetChannel implements GetChannel {
  readonly #world: UndiciGetWorld;
  readonly #closing = new AbortController();
  #answer: GetAnswer | undefined;

  constructor(world: UndiciGetWorld) {
    this.#world = world;
  }

  async get(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<GetAnswer> {
    const signals = [signal, this.#closing.signal];
    this.#answer?.discard();
    const dispatcher = await this.#world.dispatcher();
    for (const { aborted, reason } of signals) if (aborted) throw reason;
    this.#answer = await dispatchGet(dispatcher, { url, headers, signals }, this.#world);
    return this.#answer;
  }

  close(): void {
    this.#closing.abort(new DOMException('the channel was closed', 'AbortError'));
  }
}

interface GetRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signals: readonly AbortSignal[];
}

function dispatchGet(
  dispatcher: HttpDispatcher,
  request: GetRequest,
  world: UndiciGetWorld,
): Promise<GetAnswer> {
  return new Promise((resolve, reject) => {
    const { url, headers } = request;
    const exchange = new DispatchedGet(request, world, resolve, reject);
    for (const signal of request.signals) exchange.watch.follow(signal);
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        headers: { ...headers },
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      exchange,
    );
  });
}

/** One request through undici, and what it reports of the answer. */
class DispatchedGet implements DispatchHandler {
  /** Until the head of the answer is there; then the body has its own. */
  readonly watch = new AbortWatch((reason) => this.#stop(reason));
  readonly #request: GetRequest;
  readonly #world: UndiciGetWorld;
  readonly #resolve: (answer: GetAnswer) => void;
  readonly #reject: (reason: unknown) => void;
  #controller: Controller | undefined;
  #watchdog: Watchdog | undefined;
  #stopped = false;
  #body: IncomingBody | undefined;

  constructor(
    request: GetRequest,
    world: UndiciGetWorld,
    resolve: (answer: GetAnswer) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#world = world;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(controller: Controller): void {
    const { clock, getAnswerMs } = this.#world;
    this.#controller = controller;
    if (this.#stopped) controller.abort(aborted());
    else {
      this.#watchdog = new Watchdog(clock, getAnswerMs, () => this.#stop(stalled(getAnswerMs, 0)));
    }
  }

  onResponseStart(
    controller: Controller,
    status: number,
    headers: Parameters<NonNullable<DispatchHandler['onResponseStart']>>[2],
  ): void {
    if (status < 200) return;
    this.#over();
    this.#body = new IncomingBody({
      status,
      headers,
      // undici has undone the framing, and calls an answer that is cut short an error.
      decoder: new UntilCloseBody(),
      line: {
        pause: () => controller.pause(),
        resume: () => controller.resume(),
        destroy: () => controller.abort(aborted()),
        release() {},
      },
    });
    controller.pause();
    for (const signal of this.#request.signals) this.#body.follow(signal);
    this.#resolve(this.#body);
  }

  onResponseData(_controller: Controller, chunk: Uint8Array): void {
    this.#body?.received(chunk);
  }

  onResponseEnd(): void {
    this.#body?.ended({ kind: 'closed' });
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#over();
    this.#body?.ended({ kind: 'lost', error });
    this.#reject(connectionProblem(error, 0));
  }

  #stop(reason: unknown): void {
    this.#stopped = true;
    this.#over();
    // First, since undici tells of the abort as of any other error.
    this.#reject(reason);
    this.#controller?.abort(aborted());
  }

  #over(): void {
    this.#watchdog?.stop();
    this.watch.release();
  }
}

/** Why undici is told to end; the transfer knows the true reason. */
function aborted(): Error {
  return new Error('transfer aborted');
}

import type { Dispatcher } from 'undici';
import type { ExchangeRequest, StorageExchange } from './exchange.ts';
import { ExchangeState } from './exchange_state.ts';
import { ReceivedBody } from './received_body.ts';
import type { ResponseHeaders } from './response_headers.ts';

type DispatchOptions = Dispatcher.DispatchOptions;

/** What is used of undici's dispatcher. Its documentation allows async iterables as bodies; its types leave them out. */
export interface HttpDispatcher {
  dispatch(
    options: Omit<DispatchOptions, 'body'> & {
      body?: DispatchOptions['body'] | AsyncIterable<Uint8Array>;
    },
    handler: Dispatcher.DispatchHandler,
  ): boolean;
  /** Told of each connection that comes up. */
  on?(event: 'connect', listener: (origin: URL) => void): unknown;
}

/** How many connections each dispatcher has opened, by origin: undici does not say which one a request takes. */
class OpenedConnections {
  readonly #counts = new WeakMap<HttpDispatcher, Map<string, number>>();

  /**
   * Call it before a request.
   *
   * @returns to be called as the request goes out: whether that is on a connection from before, since
   * none came up in between
   */
  watch(dispatcher: HttpDispatcher, origin: string): () => boolean {
    const counts = this.#of(dispatcher);
    const before = counts.get(origin) ?? 0;
    return () => before > 0 && counts.get(origin) === before;
  }

  #of(dispatcher: HttpDispatcher): Map<string, number> {
    const known = this.#counts.get(dispatcher);
    if (known !== undefined) {
      return known;
    }
    const counts = new Map<string, number>();
    this.#counts.set(dispatcher, counts);
    dispatcher.on?.('connect', ({ origin }) => counts.set(origin, (counts.get(origin) ?? 0) + 1));
    return counts;
  }
}

const opened = new OpenedConnections();

/** An exchange by undici, which knows the ways through proxies. */
export class UndiciExchange extends ExchangeState implements StorageExchange {
  readonly #dispatcher: HttpDispatcher;
  #onIdleConnection = false;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ReceivedBody | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(dispatcher: HttpDispatcher) {
    super();
    this.#dispatcher = dispatcher;
  }

  get onIdleConnection(): boolean {
    return this.#onIdleConnection;
  }

  /** undici itself adds `Host`, `Connection` and `Content-Length`, nothing else. */
  start(request: ExchangeRequest): void {
    const dispatcher = this.#dispatcher;
    dispatcher.dispatch(
      {
        origin: request.url.origin,
        path: `${request.url.pathname}${request.url.search}`,
        method: request.method,
        headers: { ...request.headers },
        body: request.body === undefined ? null : seen(request.body, request),
        reset: request.closes ?? false,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this.#handler(request.onStart, opened.watch(dispatcher, request.url.origin)),
    );
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(new Error('transfer aborted'));
    this.fail(this.#aborted.reason);
  }

  #handler(onStart: (() => void) | undefined, wasIdle: () => boolean): Dispatcher.DispatchHandler {
    return {
      onRequestStart: (controller) => {
        this.#controller = controller;
        this.#onIdleConnection = wasIdle();
        if (this.#aborted === undefined) {
          onStart?.();
        } else {
          controller.abort(new Error('transfer aborted'));
        }
      },
      onResponseStart: (controller, status, headers) => {
        if (status >= 200) {
          this.#begin(controller, status, headers);
        }
      },
      onResponseData: (_controller, chunk) => this.#body?.push(chunk),
      onResponseEnd: () => {
        this.#body?.end();
        this.settle();
      },
      onResponseError: (_controller, error) =>
        this.fail(this.#aborted === undefined ? error : this.#aborted.reason),
    };
  }

  #begin(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
  ): void {
    this.#body = new ReceivedBody({
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      abandon: () => this.abort(new Error('transfer abandoned')),
    });
    this.begin({ status, headers, body: this.#body });
  }

  protected override fail(reason: unknown): void {
    super.fail(reason);
    this.#body?.fail(reason);
  }
}

/** undici does not say when it sends a chunk, so it is seen before. */
async function* seen(
  body: AsyncIterable<Uint8Array>,
  request: Pick<ExchangeRequest, 'onChunk'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) {
    request.onChunk?.(chunk);
    yield chunk;
  }
}

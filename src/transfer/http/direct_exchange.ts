import { AnswerReader } from './answer_reader.ts';
import { type Ending, type HttpConnection, lostError } from './connection.ts';
import type { HttpConnections } from './connection_pool.ts';
import type { ExchangeRequest, StorageExchange } from './exchange.ts';
import { ExchangeState } from './exchange_state.ts';
import type { ByteSink } from './get_answer.ts';
import type { IncomingBody } from './incoming_body.ts';
import { requestHead } from './request_head.ts';

/** What is read of the answer to an upload, if nothing else is wanted: words about it, never a file. */
const ANSWER_BYTES = 8 * 1024;
/** Memory for an answer comes in pieces, since few are as long as they may be. */
const PIECE_BYTES = 8 * 1024;

/** An exchange on a connection of this library's own: a body goes out as the socket takes it, without a copy. */
export class DirectExchange extends ExchangeState implements StorageExchange {
  readonly #connections: HttpConnections;
  readonly #stop = new AbortController();
  #connection: HttpConnection | undefined;
  #sent = false;
  #onIdleConnection = false;
  #mostAnswerBytes = ANSWER_BYTES;

  constructor(connections: HttpConnections) {
    super();
    this.#connections = connections;
  }

  get onIdleConnection(): boolean {
    return this.#onIdleConnection;
  }

  start(request: ExchangeRequest): void {
    this.#run(request).catch((reason: unknown) => {
      // A request that was not sent whole would wait for its rest as long as the server does.
      this.#connection?.destroy({ kind: 'stopped', reason });
      this.fail(reason);
    });
  }

  abort(reason: unknown): void {
    this.#stop.abort(reason);
    this.#connection?.destroy({ kind: 'stopped', reason });
    this.fail(reason);
  }

  async #run(request: ExchangeRequest): Promise<void> {
    const { method, url, headers, body, closes, onStart } = request;
    this.#mostAnswerBytes = request.mostAnswerBytes ?? ANSWER_BYTES;
    const head = requestHead(method, url, headers, closes === true ? 'close' : 'keep-alive');
    const connection = await this.#connect(url, closes === true);
    this.#connection = connection;
    this.#stop.signal.throwIfAborted();
    const reader = new AnswerReader(connection, this.#connections, {
      answered: (answer) => this.#begin(answer),
      ended: (ending) => this.#ended(ending),
      isSent: () => this.#sent,
    });
    onStart?.();
    connection.send(head, reader);
    if (body !== undefined) {
      for await (const chunk of body) {
        const taken = connection.write(chunk);
        request.onChunk?.(chunk);
        await taken;
      }
    }
    this.#sent = true;
  }

  async #connect(url: URL, closes: boolean): Promise<HttpConnection> {
    const idle = closes ? undefined : this.#connections.resting(url);
    this.#onIdleConnection = idle !== undefined;
    return idle ?? (await this.#connections.open(url, [this.#stop.signal]));
  }

  #begin(answer: IncomingBody): void {
    const { status, headers } = answer;
    this.begin({ status, headers, body: this.#startOf(answer) });
  }

  async *#startOf(answer: IncomingBody): AsyncGenerator<Uint8Array, void, undefined> {
    const memory: Uint8Array[] = [];
    let came = 0;
    const sink: ByteSink = {
      room: () => {
        if (came >= this.#mostAnswerBytes) return undefined;
        if (came === memory.length * PIECE_BYTES) memory.push(new Uint8Array(PIECE_BYTES));
        return memory.at(-1)?.subarray(came % PIECE_BYTES);
      },
      took: (bytes) => {
        came += bytes;
      },
    };
    const failed = await answer.pour(sink).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    this.settle();
    // Also of an answer that breaks off: a refusal is understood by its first words.
    yield Buffer.concat(memory).subarray(0, came);
    if (failed !== undefined) throw failed.error;
  }

  #ended(ending: Ending): void {
    this.fail(ending.kind === 'stopped' ? ending.reason : lostError(ending));
  }
}

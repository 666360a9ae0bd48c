import { bodyFraming } from './body_framing.ts';
import { AbortWatch } from './cancellable.ts';
import type { Clock } from './clock.ts';
import { brokenAnswer, connectionProblem, stalled } from './connection_problem.ts';
import type { GetAnswer, GetChannel } from './get_answer.ts';
import { type Ending, type GetConnection, lostError, type Receiver } from './get_connection.ts';
import type { GetConnections } from './get_connections.ts';
import { IncomingBody } from './incoming_body.ts';
import { getRequestHead } from './request_head.ts';
import { HeadReader, type ResponseHead } from './response_head.ts';
import { Watchdog } from './watchdog.ts';

/** Most interim answers (100 Continue, 103 Early Hints) before the one that counts. */
const MOST_INTERIM = 16;
const SWITCHING_PROTOCOLS = 101;

export interface DirectGetWorld {
  readonly clock: Clock;
  /** From the request being sent to the head of the answer. */
  readonly getAnswerMs: number;
  readonly connections: GetConnections;
}

/** GET over HTTP/1.1 connections of its own, which read straight into the memory of the sink. */
export class DirectGetChannel implements GetChannel {
  readonly #world: DirectGetWorld;
  readonly #closing = new AbortController();
  #answer: GetAnswer | undefined;

  constructor(world: DirectGetWorld) {
    this.#world = world;
  }

  async get(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<GetAnswer> {
    const head = getRequestHead(url, headers);
    const signals = [signal, this.#closing.signal];
    for (const { aborted, reason } of signals) if (aborted) throw reason;
    this.#answer?.discard();
    this.#answer = await this.#ask(url, head, signals);
    return this.#answer;
  }

  close(): void {
    this.#closing.abort(new DOMException('the channel was closed', 'AbortError'));
  }

  async #ask(url: URL, head: string, signals: readonly AbortSignal[]): Promise<GetAnswer> {
    const { connections } = this.#world;
    const rested = connections.resting(url);
    if (rested !== undefined) {
      const exchange = new Exchange(rested, this.#world, signals);
      const answer = await exchange.run(head);
      // The server closed it just when the request went out. A GET may be repeated.
      if (answer !== 'unanswered') return answer;
    }
    const exchange = new Exchange(await connections.open(url, signals), this.#world, signals);
    const answer = await exchange.run(head);
    if (answer === 'unanswered') throw connectionProblem(exchange.fault, 0);
    return answer;
  }
}

/** One request over one connection, until the head of the answer is there. */
class Exchange implements Receiver {
  /** What ended the connection before a byte of the answer. */
  fault: unknown;
  readonly #connection: GetConnection;
  readonly #world: DirectGetWorld;
  readonly #signals: readonly AbortSignal[];
  readonly #reader = new HeadReader();
  readonly #watch: AbortWatch;
  #watchdog: Watchdog | undefined;
  #interim = 0;
  #heard = false;
  #resolve: (answer: GetAnswer | 'unanswered') => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(connection: GetConnection, world: DirectGetWorld, signals: readonly AbortSignal[]) {
    this.#connection = connection;
    this.#world = world;
    this.#signals = signals;
    this.#watch = new AbortWatch((reason) => connection.destroy({ kind: 'stopped', reason }));
  }

  run(head: string): Promise<GetAnswer | 'unanswered'> {
    const { clock, getAnswerMs } = this.#world;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#watchdog = new Watchdog(clock, getAnswerMs, () =>
        this.#connection.destroy({ kind: 'stopped', reason: stalled(getAnswerMs, 0) }),
      );
      this.#connection.send(head, this);
      for (const signal of this.#signals) this.#watch.follow(signal);
    });
  }

  room(): undefined {}

  filled(): void {}

  received(bytes: Uint8Array): void {
    this.#heard = true;
    let rest = bytes;
    while (rest.byteLength > 0) {
      const read = this.#reader.push(rest);
      if (read === undefined) return;
      rest = read.rest;
      if (read.head.status >= 200) {
        this.#answered(read.head, rest);
        return;
      }
      this.#interim += 1;
      if (this.#interim > MOST_INTERIM || read.head.status === SWITCHING_PROTOCOLS) {
        throw brokenAnswer('it does not come to the point');
      }
    }
  }

  ended(ending: Ending): void {
    this.#over();
    if (ending.kind === 'stopped') this.#reject(ending.reason);
    else if (this.#heard) this.#reject(connectionProblem(lostError(ending), 0));
    else {
      this.fault = lostError(ending);
      this.#resolve('unanswered');
    }
  }

  #answered({ status, headers, ...head }: ResponseHead, rest: Uint8Array): void {
    const connection = this.#connection;
    const { decoder, keepsConnection } = bodyFraming({ status, headers, ...head });
    this.#over();
    const body = new IncomingBody({
      status,
      headers,
      decoder,
      line: {
        pause: () => connection.pause(),
        resume: () => connection.resume(),
        destroy: (ending) => connection.destroy(ending),
        release: () =>
          keepsConnection
            ? this.#world.connections.keep(connection)
            : connection.destroy({ kind: 'closed' }),
      },
    });
    connection.handOver(body);
    connection.pause();
    if (rest.byteLength > 0) body.received(rest);
    for (const signal of this.#signals) body.follow(signal);
    this.#resolve(body);
  }

  #over(): void {
    this.#watchdog?.stop();
    this.#watch.release();
  }
}

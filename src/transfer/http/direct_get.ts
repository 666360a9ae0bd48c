import { AbortWatch } from '../cancellable.ts';
import type { Clock } from '../clock.ts';
import { connectionProblem, stalled } from '../failures/connection_problem.ts';
import type { Owner } from '../fair_places.ts';
import type { KnownHosts } from '../known_hosts.ts';
import { Watchdog } from '../watchdog.ts';
import { AnswerReader, type AnswerWaiter } from './answer_reader.ts';
import { type Ending, type HttpConnection, lostError } from './connection.ts';
import type { HttpConnections } from './connection_pool.ts';
import type { GetAnswer, GetChannel } from './get_answer.ts';
import type { IncomingBody } from './incoming_body.ts';
import { requestHead } from './request_head.ts';

export interface DirectGetWorld {
  readonly clock: Clock;
  /** From the request being sent to the head of the answer. */
  readonly getAnswerMs: number;
  readonly connections: HttpConnections;
  /** Whose names are resolved. */
  readonly owner?: Owner;
  readonly hosts: Pick<KnownHosts, 'hasAnswered'>;
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
    const head = requestHead('GET', url, headers);
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
    const exchange = new Exchange(await this.#connect(url, signals), this.#world, signals);
    const answer = await exchange.run(head);
    if (answer === 'unanswered') throw connectionProblem(exchange.fault, 0);
    return answer;
  }

  async #connect(url: URL, signals: readonly AbortSignal[]): Promise<HttpConnection> {
    const { connections, hosts, owner } = this.#world;
    try {
      return await connections.open(url, signals, owner);
    } catch (error) {
      throw connectionProblem(error, 0, { answeredBefore: hosts.hasAnswered(url) });
    }
  }
}

/** One request over one connection, until the head of the answer is there. */
class Exchange implements AnswerWaiter {
  /** What ended the connection before a byte of the answer. */
  fault: unknown;
  readonly #connection: HttpConnection;
  readonly #world: DirectGetWorld;
  readonly #signals: readonly AbortSignal[];
  readonly #watch: AbortWatch;
  #watchdog: Watchdog | undefined;
  #resolve: (answer: GetAnswer | 'unanswered') => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(connection: HttpConnection, world: DirectGetWorld, signals: readonly AbortSignal[]) {
    this.#connection = connection;
    this.#world = world;
    this.#signals = signals;
    this.#watch = new AbortWatch((reason) => connection.destroy({ kind: 'stopped', reason }));
  }

  run(head: string): Promise<GetAnswer | 'unanswered'> {
    const { clock, getAnswerMs, connections } = this.#world;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#watchdog = new Watchdog(clock, getAnswerMs, () =>
        this.#connection.destroy({ kind: 'stopped', reason: stalled(getAnswerMs, 0) }),
      );
      this.#connection.send(head, new AnswerReader(this.#connection, connections, this));
      for (const signal of this.#signals) this.#watch.follow(signal);
    });
  }

  answered(body: IncomingBody): void {
    this.#over();
    for (const signal of this.#signals) body.follow(signal);
    this.#resolve(body);
  }

  ended(ending: Ending, heard: boolean): void {
    this.#over();
    if (ending.kind === 'stopped') this.#reject(ending.reason);
    else if (heard) this.#reject(connectionProblem(lostError(ending), 0));
    else {
      this.fault = lostError(ending);
      this.#resolve('unanswered');
    }
  }

  isSent(): boolean {
    return true;
  }

  #over(): void {
    this.#watchdog?.stop();
    this.#watch.release();
  }
}

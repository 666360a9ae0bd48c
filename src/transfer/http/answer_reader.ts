import { brokenAnswer } from '../failures/connection_problem.ts';
import { bodyFraming } from './body_framing.ts';
import type { Ending, HttpConnection, Receiver } from './connection.ts';
import type { HttpConnections } from './connection_pool.ts';
import { IncomingBody } from './incoming_body.ts';
import { HeadReader, type ResponseHead } from './response_head.ts';

/** Most interim answers (100 Continue, 103 Early Hints) before the one that counts. */
const MOST_INTERIM = 16;
const SWITCHING_PROTOCOLS = 101;

/** Who waits for the answer. One of the two is called, once. */
export interface AnswerWaiter {
  /** Its head is there; the connection is paused until the body is poured. */
  answered(body: IncomingBody): void;
  /** @param heard whether any byte of an answer had come */
  ended(ending: Ending, heard: boolean): void;
  /** Whether the request was sent whole: on a connection that still waits for its rest nothing else can follow. */
  isSent(): boolean;
}

/** Reads the head of an answer, then hands its connection to the body. */
export class AnswerReader implements Receiver {
  readonly #connection: HttpConnection;
  readonly #connections: HttpConnections;
  readonly #waiter: AnswerWaiter;
  readonly #reader = new HeadReader();
  #interim = 0;
  #heard = false;

  constructor(connection: HttpConnection, connections: HttpConnections, waiter: AnswerWaiter) {
    this.#connection = connection;
    this.#connections = connections;
    this.#waiter = waiter;
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
    this.#waiter.ended(ending, this.#heard);
  }

  #answered({ status, headers, ...head }: ResponseHead, rest: Uint8Array): void {
    const connection = this.#connection;
    const { decoder, keepsConnection } = bodyFraming({ status, headers, ...head });
    const body = new IncomingBody({
      status,
      headers,
      decoder,
      line: {
        pause: () => connection.pause(),
        resume: () => connection.resume(),
        destroy: (ending) => connection.destroy(ending),
        release: () =>
          keepsConnection && this.#waiter.isSent()
            ? this.#connections.keep(connection)
            : connection.destroy({ kind: 'closed' }),
      },
    });
    connection.handOver(body);
    connection.pause();
    if (rest.byteLength > 0) body.received(rest);
    this.#waiter.answered(body);
  }
}

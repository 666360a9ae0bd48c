import { AbortWatch } from '../cancellable.ts';
import { connectionProblem } from '../failures/connection_problem.ts';
import { TransferError } from '../failures/transfer_error.ts';
import type { BodyDecoder } from './body_decoder.ts';
import type { Ending, Receiver } from './connection.ts';
import type { ByteSink, GetAnswer } from './get_answer.ts';
import type { ResponseHeaders } from './response_headers.ts';

/** The connection a body comes over. */
export interface BodyLine {
  pause(): void;
  resume(): void;
  destroy(ending: Ending): void;
  /** The body is whole, and nothing came after it. */
  release(): void;
}

export interface IncomingBodyParts {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly decoder: BodyDecoder;
  /** Paused until the body is poured. */
  readonly line: BodyLine;
}

/** The connection ended, and nobody ended it. */
type OwnEnding = Exclude<Ending, { kind: 'stopped' }>;

type Outcome =
  | { readonly kind: 'whole' | 'enough' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The body of an answer on its way from the connection to a sink. */
export class IncomingBody implements GetAnswer, Receiver {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly #decoder: BodyDecoder;
  readonly #line: BodyLine;
  readonly #watch = new AbortWatch((error) => this.#end({ kind: 'failed', error }));
  /** What came before there was a sink: no more than was decrypted when the line was paused. */
  #early: Uint8Array[] = [];
  #sink: ByteSink | undefined;
  #poured = 0;
  /** Promises of the sink that keep the line paused. */
  #pauses = 0;
  /** Bytes came that do not belong to the answer. */
  #surplus = false;
  #ending: OwnEnding | undefined;
  #outcome: Outcome | undefined;
  #settle: ((outcome: Outcome) => void) | undefined;

  constructor({ status, headers, decoder, line }: IncomingBodyParts) {
    this.status = status;
    this.headers = headers;
    this.#decoder = decoder;
    this.#line = line;
  }

  /** Ends the body at once when the signal aborts, until it is over. */
  follow(signal: AbortSignal): void {
    if (this.#outcome === undefined) this.#watch.follow(signal);
  }

  pour(sink: ByteSink, signal?: AbortSignal): Promise<'whole' | 'enough'> {
    if (this.#sink !== undefined) return Promise.reject(new Error('a body is poured once'));
    this.#sink = sink;
    if (signal !== undefined) this.follow(signal);
    return new Promise((resolve, reject) => {
      this.#settle = (outcome) =>
        outcome.kind === 'failed' ? reject(outcome.error) : resolve(outcome.kind);
      this.#begin(sink);
    });
  }

  discard(): void {
    if (this.#outcome !== undefined) return;
    this.#end({ kind: 'failed', error: discarded() }, this.#isAllHere());
  }

  /** A short body that came with its head costs nothing to read over. */
  #isAllHere(): boolean {
    if (this.#sink !== undefined) return false;
    try {
      this.#decodeEarly(NOWHERE);
    } catch {
      // Not HTTP, but nobody wants to know any more.
      return false;
    }
    return this.#decoder.whole && !this.#surplus;
  }

  room(): Uint8Array | undefined {
    const { plain } = this.#decoder;
    if (this.#sink === undefined || plain === 0 || this.#outcome !== undefined) return undefined;
    const room = roomOf(this.#sink);
    if (room === undefined) this.#end({ kind: 'enough' });
    return room === undefined || room.byteLength <= plain ? room : room.subarray(0, plain);
  }

  filled(bytes: number): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    this.#decoder.advance(bytes);
    this.#count(bytes, sink);
    if (this.#decoder.whole) this.#end({ kind: 'whole' });
  }

  received(bytes: Uint8Array): void {
    const sink = this.#sink;
    if (sink === undefined) {
      // Not `slice`: that of a Buffer copies nothing.
      this.#early.push(new Uint8Array(bytes));
      return;
    }
    const used = this.#decoder.decode(bytes, (piece) => this.#copy(piece, sink));
    this.#surplus = used < bytes.byteLength;
    if (this.#decoder.whole) this.#end({ kind: 'whole' });
  }

  ended(ending: Ending): void {
    if (ending.kind === 'stopped') this.#end({ kind: 'failed', error: ending.reason });
    else if (this.#sink !== undefined) this.#endAs(ending);
    else this.#ending = ending;
  }

  #begin(sink: ByteSink): void {
    if (this.#outcome === undefined) this.#drain(sink);
    this.#settleWhenQuiet();
  }

  /** What came before the sink did, and how the connection ended if it has. */
  #drain(sink: ByteSink): void {
    try {
      this.#decodeEarly((piece) => this.#copy(piece, sink));
      if (this.#decoder.whole) this.#end({ kind: 'whole' });
      else if (this.#ending !== undefined) this.#endAs(this.#ending);
      else if (roomOf(sink) === undefined) this.#end({ kind: 'enough' });
      else if (this.#pauses === 0) this.#line.resume();
    } catch (error) {
      this.#end({ kind: 'failed', error });
    }
  }

  #decodeEarly(take: (piece: Uint8Array) => void): void {
    for (const bytes of this.#early.splice(0)) {
      const used = this.#decoder.decode(bytes, take);
      this.#surplus ||= used < bytes.byteLength;
    }
  }

  #copy(piece: Uint8Array, sink: ByteSink): void {
    for (let copied = 0; copied < piece.byteLength && this.#outcome === undefined; ) {
      const room = roomOf(sink);
      if (room === undefined) {
        this.#end({ kind: 'enough' });
        return;
      }
      const part = piece.subarray(copied, copied + room.byteLength);
      room.set(part);
      copied += part.byteLength;
      this.#count(part.byteLength, sink);
    }
  }

  /** Bytes are in the sink. */
  #count(bytes: number, sink: ByteSink): void {
    this.#poured += bytes;
    const pause = sink.took(bytes);
    if (pause !== undefined) this.#pauseUntil(pause);
  }

  #pauseUntil(pause: Promise<void>): void {
    this.#pauses += 1;
    if (this.#pauses === 1 && this.#outcome === undefined) this.#line.pause();
    pause.then(
      () => {
        this.#pauses -= 1;
        if (this.#pauses > 0) return;
        if (this.#outcome === undefined) this.#line.resume();
        this.#settleWhenQuiet();
      },
      (error: unknown) => {
        this.#end({ kind: 'failed', error });
        // The body may have been whole, and only its last bytes on their way.
        this.#settle?.({ kind: 'failed', error });
      },
    );
  }

  /** The connection has ended by itself, perhaps after the last byte. */
  #endAs(ending: OwnEnding): void {
    if (ending.kind === 'closed' && this.#decoder.endsWithConnection) {
      this.#end({ kind: 'whole' });
      return;
    }
    const error =
      ending.kind === 'lost' ? connectionProblem(ending.error, this.#poured) : this.#cutShort();
    this.#end({ kind: 'failed', error });
  }

  /** @param keepsLine whether it is known that the line stands at the end of the answer */
  #end(outcome: Outcome, keepsLine = outcome.kind === 'whole' && !this.#surplus): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#early = [];
    this.#watch.release();
    if (keepsLine) this.#line.release();
    else this.#line.destroy({ kind: 'closed' });
    this.#settleWhenQuiet();
  }

  /** A failure waits for nothing. */
  #settleWhenQuiet(): void {
    const outcome = this.#outcome;
    if (outcome !== undefined && (this.#pauses === 0 || outcome.kind === 'failed')) {
      this.#settle?.(outcome);
    }
  }

  #cutShort(): TransferError {
    return new TransferError({
      code: 'connection_lost',
      outcome: 'transient',
      message: `storage ended its answer after ${this.#poured} bytes, before it was whole.`,
      bytesTransferred: this.#poured,
    });
  }
}

const NOWHERE = () => {};

function roomOf(sink: ByteSink): Uint8Array | undefined {
  const room = sink.room();
  if (room?.byteLength === 0) throw new RangeError('a sink gave no room and did not say so');
  return room;
}

function discarded(): DOMException {
  return new DOMException('the answer was discarded', 'AbortError');
}

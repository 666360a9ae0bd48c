import type { Clock } from '../engine.ts';
import type { StorageExchange } from '../http/exchange.ts';
import {
  EARLY_ANSWER_FROM_BYTES,
  type SourceRange,
  type UploadSource,
} from '../sources/upload_source.ts';

/** Bytes of a file that one request sends. */
export interface FilePiece extends SourceRange {
  readonly source: UploadSource;
}

/** What a body tells the request it belongs to. */
export interface UploadBodyHooks {
  /** So many bytes are about to be sent. */
  onHanded(bytes: number): void;
  /** So many bytes of the piece were taken by the socket. */
  onSent(bytes: number): void;
  /** Milliseconds to wait for an early refusal after the first piece. */
  gateMs(): number;
}

/**
 * A piece of a file as a request body.
 *
 * A server that refuses early and closes makes the next write fail before the refusal is read. So a
 * large body sends one small piece, gives the answer a moment to come, then streams; and once an
 * answer is there it sends nothing more, but stays open until that answer was read.
 */
export async function* uploadBody(
  piece: FilePiece,
  exchange: StorageExchange,
  clock: Clock,
  signal: AbortSignal,
  hooks: UploadBodyHooks,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = piece.end - piece.start;
  let sent = 0;
  for await (const chunk of piece.source.chunks(signal, piece)) {
    if (exchange.answered) {
      await exchange.settled;
      return;
    }
    hooks.onHanded(chunk.byteLength);
    yield chunk;
    if (exchange.failed) {
      // The lost connection asked for more, it did not take this one.
      return;
    }
    const first = sent === 0;
    sent += chunk.byteLength;
    hooks.onSent(sent);
    if (first && bytes >= EARLY_ANSWER_FROM_BYTES) {
      await answerOrTimer(exchange, clock, hooks.gateMs());
    }
  }
}

async function answerOrTimer(exchange: StorageExchange, clock: Clock, ms: number): Promise<void> {
  const ended = new AbortController();
  const timer = clock.wait(ms, ended.signal);
  timer.catch(() => {});
  // A failure is reported where the answer itself is awaited.
  await Promise.race([timer, exchange.response]).catch(() => {});
  ended.abort('the answer came first');
}

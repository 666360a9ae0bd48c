import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../transfer/clock.ts';
import type { DroppedCalls } from './dropped_calls.ts';
import { EventsGone, type ResumedStream, type SessionEvents } from './session_events.ts';
import { ClientStalled, SseWriter } from './sse_writer.ts';

/** How streams are kept alive; all in milliseconds. */
export interface StreamPace {
  /** After which a client that lost a stream shall come back. */
  readonly retryMs: number;
  /** At which a comment is sent, so that no proxy takes the stream for dead. */
  readonly keepAliveMs: number;
  /** After which a client that does not read is cut off. */
  readonly stallMs: number;
}

export const STREAM_PACE: StreamPace = { retryMs: 1_000, keepAliveMs: 15_000, stallMs: 30_000 };

export interface ResumeOptions {
  readonly events: SessionEvents;
  /** Of the same session, where the calls of the session run in this process. */
  readonly calls?: DroppedCalls | undefined;
  /** As the client sends it: the last event that it had. */
  readonly lastEventId: string;
  readonly clock: Clock;
  /** Ends the response early, as when the server shuts down; the client may come back for the rest. */
  readonly signal: AbortSignal;
  readonly pace?: StreamPace | undefined;
}

/**
 * Answers a GET with `Last-Event-ID`, whose session and principal were checked: with what followed that
 * event, and what follows from now on. Resolves once the response has ended.
 *
 * A client that had everything is answered 204, which keeps clients of server-sent events from asking
 * again: the SDK's own does so for ever after a call that ended with an error, if it gets an empty stream.
 *
 * @throws EventsGone, SharedStateAway: before anything was answered
 */
export async function serveResumedStream(
  response: ServerResponse,
  options: ResumeOptions,
): Promise<void> {
  const stream = await options.events.resume(options.lastEventId);
  if (response.destroyed) return;
  if (stream.over) {
    response.writeHead(204).end();
    return;
  }
  const left = new AbortController();
  response.once('close', () => left.abort());
  const release = options.calls?.hold(stream.streamId);
  try {
    await writeEvents(response, stream, left.signal, options);
  } finally {
    left.abort();
    release?.();
    // One that was cut off would look whole if it were ended too.
    if (!response.destroyed) response.end();
  }
}

async function writeEvents(
  response: ServerResponse,
  stream: ResumedStream,
  left: AbortSignal,
  { clock, signal, pace = STREAM_PACE }: ResumeOptions,
): Promise<void> {
  const { retryMs, keepAliveMs, stallMs } = pace;
  const ended = AbortSignal.any([left, signal]);
  const writer = new SseWriter(response, { clock, stallMs });
  writer.open(retryMs);
  void keepAlive(writer, clock, keepAliveMs, ended);
  try {
    for await (const event of stream.follow(ended)) await writer.send(event, ended);
  } catch (error) {
    // The client hears of what is gone when it asks again: this answer has begun.
    const expected = error instanceof EventsGone || error instanceof ClientStalled;
    if (!ended.aborted && !expected) throw error;
  }
}

async function keepAlive(
  writer: SseWriter,
  clock: Clock,
  everyMs: number,
  ended: AbortSignal,
): Promise<void> {
  const goesOn = () =>
    clock.wait(everyMs, ended).then(
      () => true,
      () => false,
    );
  while (await goesOn()) writer.keepAlive();
}

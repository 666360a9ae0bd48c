import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { CallStream } from '../../../../../src/transports/http/events/call_stream.ts';
import { DroppedCalls } from '../../../../../src/transports/http/events/dropped_calls.ts';
import { MemoryEvents } from '../../../../../src/transports/http/events/memory_events.ts';
import { ManualClock } from '../../../jobs/manual_clock.ts';
import { STREAM } from './stored_events.ts';

const GRACE_MS = 10_000;

/** A call whose answer streams to a client that has an id to come back with. */
function runningCall({ resumable = true } = {}) {
  const clock = new ManualClock();
  const events = new MemoryEvents('session');
  const calls = new DroppedCalls({ events, clock, graceMs: GRACE_MS });
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const stream = new CallStream([1]);
  const left = new AbortController();
  calls.watch(response, stream, left);
  if (resumable) stream.id = STREAM;
  const drop = () => response.emit('close');
  return { clock, events, calls, response, stream, left, drop };
}

describe('a call whose connection drops', () => {
  it('ends at once if the client has no id to come back with', () => {
    const { drop, left } = runningCall({ resumable: false });
    drop();
    expect(left.signal.aborted).toBe(true);
  });

  it('ends once the client had its time to come back', async () => {
    const { clock, drop, left } = runningCall();
    drop();
    await clock.pass(GRACE_MS - 1);
    expect(left.signal.aborted).toBe(false);
    await clock.pass(1);
    expect(left.signal.aborted).toBe(true);
  });

  it('goes on while the client is back, and has a new grace when it leaves again', async () => {
    const { clock, calls, drop, left } = runningCall();
    drop();
    await clock.pass(GRACE_MS - 1);
    const leave = calls.hold(STREAM);
    await clock.pass(10 * GRACE_MS);
    expect(left.signal.aborted).toBe(false);
    leave();
    await clock.pass(GRACE_MS - 1);
    expect(left.signal.aborted).toBe(false);
    await clock.pass(1);
    expect(left.signal.aborted).toBe(true);
  });

  it('goes on if the client came back before the old connection was seen to drop', async () => {
    const { clock, calls, drop, left } = runningCall();
    calls.hold(STREAM);
    drop();
    await clock.pass(10 * GRACE_MS);
    expect(left.signal.aborted).toBe(false);
  });

  it('goes on while the client follows it at another server', async () => {
    const { clock, events, drop, left } = runningCall();
    let followed = true;
    events.isFollowedElsewhere = async () => followed;
    drop();
    await clock.pass(GRACE_MS);
    await clock.pass(GRACE_MS);
    expect(left.signal.aborted).toBe(false);
    followed = false;
    await clock.pass(GRACE_MS);
    expect(left.signal.aborted).toBe(true);
  });

  it('is told nothing if it was answered meanwhile', async () => {
    const { clock, stream, drop, left } = runningCall();
    drop();
    stream.answer(1);
    stream.settle();
    await clock.pass(GRACE_MS);
    expect(left.signal.aborted).toBe(false);
  });

  it('is none if the server ended the stream, so that the client asks again later', async () => {
    const { clock, calls, response, drop, left } = runningCall();
    response.end();
    drop();
    await clock.pass(10 * GRACE_MS);
    expect(left.signal.aborted).toBe(false);
    calls.hold(STREAM)();
    await clock.pass(GRACE_MS);
    expect(left.signal.aborted).toBe(true);
  });

  it('is none if it was refused', () => {
    const { calls, response, drop, left } = runningCall({ resumable: false });
    response.end();
    drop();
    calls.close();
    expect(left.signal.aborted).toBe(false);
  });

  it('is told at the end of its session', () => {
    const { calls, left } = runningCall();
    calls.close();
    expect(left.signal.aborted).toBe(true);
  });

  it('is not found by another stream', async () => {
    const { clock, calls, drop, left } = runningCall();
    calls.hold('another');
    drop();
    await clock.pass(GRACE_MS);
    expect(left.signal.aborted).toBe(true);
  });
});

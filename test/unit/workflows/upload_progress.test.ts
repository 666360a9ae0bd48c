import { describe, expect, it } from 'vitest';
import { reportUploadProgress } from '../../../src/workflows/upload_progress.ts';
import { workflowWorld } from './workflow_world.ts';

/** A session whose reports wait at the API until the test lets them go. */
function session() {
  const signals: AbortSignal[] = [];
  const answers: (() => void)[] = [];
  const world = workflowWorld({
    call: (_operation, _input, signal) =>
      new Promise((resolve, reject) => {
        signals.push(signal);
        answers.push(() => resolve({}));
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  });
  let now = 0;
  const clock = { ...world.context.engine.clock, now: () => now };
  const context = { ...world.context, engine: { ...world.context.engine, clock } };
  const progress = reportUploadProgress('u', world.act.signal, context);
  const sentAt = (ms: number, bytes: number) => {
    now = ms;
    progress.at(bytes);
  };
  return { progress, sentAt, signals, answers };
}

describe('what the API is told of an upload session', () => {
  it('has one report under way at most, however slow the API is', async () => {
    const { sentAt, signals, answers } = session();
    for (let second = 0; second <= 60; second += 1) sentAt(second * 1000, second);
    expect(signals).toHaveLength(1);
    answers[0]?.();
    await new Promise(setImmediate);
    sentAt(66_000, 66);
    expect(signals).toHaveLength(2);
  });

  it('breaks off the report under way when the session fails', async () => {
    const { progress, sentAt, signals } = session();
    sentAt(6_000, 10);
    progress.stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

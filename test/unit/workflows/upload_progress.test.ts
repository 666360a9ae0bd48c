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
  const facts = { uploadId: 'u', totalBytes: 100, files: [{ fileName: 'a.tif' }] };
  const progress = reportUploadProgress(facts, world.act, context);
  const fileAt = (ms: number, bytes: number) => {
    now = ms;
    progress.fileAt(0, bytes);
  };
  return { progress, fileAt, signals, answers, told: world.progress };
}

describe('progress of an upload session', () => {
  it('has one report under way at most, however slow the API is', async () => {
    const { fileAt, signals, answers } = session();
    for (let second = 0; second <= 60; second += 1) fileAt(second * 1000, second);
    expect(signals).toHaveLength(1);
    answers[0]?.();
    await new Promise(setImmediate);
    fileAt(66_000, 66);
    expect(signals).toHaveLength(2);
  });

  it('names the file, and says when all is sent', async () => {
    const { progress, fileAt, answers, told } = session();
    fileAt(1_000, 100);
    const finished = progress.finish();
    await new Promise(setImmediate);
    answers[0]?.();
    await finished;
    expect(told).toEqual([
      { done: 100, total: 100, message: 'Uploading a.tif' },
      { done: 100, total: 100, message: 'Completing the upload of a.tif' },
    ]);
  });

  it('breaks off the report under way when the session fails', async () => {
    const { progress, fileAt, signals } = session();
    fileAt(6_000, 10);
    progress.stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

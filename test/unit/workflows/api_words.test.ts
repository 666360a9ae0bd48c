import { describe, expect, it } from 'vitest';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { explain } from '../../../src/tools/explain.ts';
import { chooseMosaic, waitForClipJob } from '../../../src/workflows/clip_job.ts';
import { descriptorUrl } from '../../../src/workflows/descriptor.ts';
import { workflowWorld } from './workflow_world.ts';

const SIGNED = 'https://storage.example/o?X-Goog-Signature=SECRET';
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe('words of the API in errors of workflows', () => {
  it.each([null, [], 'x', { job: null }])(
    'a job answer %j is unexpected_answer, not a fault of ours',
    async (answer) => {
      const world = workflowWorld({ call: async () => answer });
      const failure = await failureOf(waitForClipJob('j', world.act, world.context));
      expect(failure).toBeInstanceOf(GeoperaError);
    },
  );

  it('the reason of a failed job is cleaned', async () => {
    const error = `a\u001b[31m\n${SIGNED} ${'x'.repeat(10_000)}`;
    const world = workflowWorld({ call: async () => ({ status: 'failed', error }) });
    const failure = await failureOf(waitForClipJob('j', world.act, world.context));
    expect(failure.message).not.toContain('SECRET');
    expect(failure.message).not.toMatch(/\p{Cc}/u);
    expect(failure.message.length).toBeLessThan(1000);
  });

  it('the names of mosaics are bounded in number and length', async () => {
    const downloads = Array.from({ length: 500 }, (_, i) => ({
      mosaic_type: `m${i}\n${'x'.repeat(1000)}`,
    }));
    const world = workflowWorld({ call: async () => ({ downloads }) });
    const failure = await failureOf(chooseMosaic('j', undefined, world.act.signal, world.context));
    expect(explain(failure).what.length).toBeLessThan(5000);
    expect(explain(failure).what).not.toContain('\n');
  });

  it('the keys of a descriptor are cleaned', () => {
    const read = () =>
      descriptorUrl('items.asset.download', { [`k\u0007${SIGNED}${'x'.repeat(10_000)}`]: 1 });
    expect(read).toThrow(
      expect.objectContaining({ detail: expect.not.stringMatching(/SECRET|\p{Cc}|x{1000}/u) }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { ClipJobFailed, chooseMosaic, waitForClipJob } from '../../../src/workflows/clip_job.ts';
import { workflowWorld } from './workflow_world.ts';

/** A world whose API answers one after another; the last answer stays. */
function answering(answers: readonly unknown[], signal?: AbortSignal) {
  let next = 0;
  return workflowWorld({ call: async () => answers[Math.min(next++, answers.length - 1)] }, signal);
}

describe('waiting for a clip job', () => {
  it('asks until it is completed, and tells what it is', async () => {
    const states = ['pending', 'pending', 'running', 'completed'];
    const world = answering(states.map((status) => ({ id: 'job_1', status })));
    await waitForClipJob('job_1', world.act, world.context);
    expect(world.geopera.calls).toEqual(
      states.map(() => ({ id: 'clip.job.get', input: { job_id: 'job_1' } })),
    );
    expect(world.progress.map(({ message }) => message)).toEqual([
      'Clip job is pending',
      'Clip job is pending',
      'Clip job is running',
    ]);
  });

  it('waits longer each time, up to ten seconds', async () => {
    const world = answering([...new Array(9).fill({ status: 'running' }), { status: 'completed' }]);
    await waitForClipJob('job_1', world.act, world.context);
    expect(world.waits.slice(0, 3)).toEqual([1000, 1500, 2250]);
    expect(world.waits.slice(-2)).toEqual([10_000, 10_000]);
  });

  it.each([
    ['a bare job', { status: 'completed' }],
    ['a nested job', { job: { id: 'job_1', status: 'completed' } }],
    ['a state', { state: 'completed' }],
    ['capitals', { status: 'COMPLETED' }],
  ])('understands %s', async (_, answer) => {
    const world = answering([answer]);
    await waitForClipJob('job_1', world.act, world.context);
    expect(world.waits).toEqual([]);
  });

  it.each([
    ['failed', { status: 'failed', error: 'no data' }, 'failed', 'no data'],
    ['nested', { job: { status: 'FAILED', error_message: 'empty' } }, 'failed', 'empty'],
    ['cancelled', { status: 'cancelled' }, 'cancelled', 'the API gives no reason'],
    ['expired', { status: 'expired', detail: 'too late' }, 'expired', 'too late'],
  ])('throws when it ended as %s', async (_, answer, status, message) => {
    const world = answering([{ status: 'running' }, answer]);
    const waiting = waitForClipJob('job_1', world.act, world.context);
    await expect(waiting).rejects.toThrow(ClipJobFailed);
    await expect(waiting).rejects.toMatchObject({ jobId: 'job_1', status, message });
  });

  it('ends with the reason of a cancellation', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by the client');
    const world = workflowWorld(
      {
        call: async () => {
          cancel.abort(reason);
          return { status: 'running' };
        },
      },
      cancel.signal,
    );
    await expect(waitForClipJob('job_1', world.act, world.context)).rejects.toBe(reason);
    expect(world.geopera.calls).toHaveLength(1);
  });
});

describe('choosing the file of a clip job', () => {
  const choose = (listing: unknown, asked?: string) => {
    const { context, act } = answering([listing]);
    return chooseMosaic('job_1', asked, act.signal, context);
  };
  const visual = { mosaic_type: 'visual' };
  const ndvi = { mosaic_type: 'ndvi' };

  it.each<[string, unknown, string | undefined, string]>([
    ['the only one', { downloads: [visual] }, undefined, 'visual'],
    ['the only one of a bare list', [visual], undefined, 'visual'],
    ['the only one of a map', { downloads: { visual: { bytes: 3 } } }, undefined, 'visual'],
    ['the one that is named', { files: [visual, ndvi] }, 'ndvi', 'ndvi'],
    ['by another word for its name', { items: [{ type: 'ndvi' }, { name: 'x' }] }, 'x', 'x'],
    ['the named one where the listing says nothing', {}, 'visual', 'visual'],
    ['the named one of an empty listing', { downloads: [] }, 'visual', 'visual'],
  ])('takes %s', async (_, listing, asked, chosen) => {
    await expect(choose(listing, asked)).resolves.toBe(chosen);
  });

  it.each<[string, unknown, string | undefined, string[]]>([
    ['several and none named', { downloads: [visual, ndvi] }, undefined, ['visual', 'ndvi']],
    ['one and another named', { downloads: [visual] }, 'ndvi', ['visual']],
    ['none and none named', { downloads: [] }, undefined, []],
    ['an answer without a list and none named', null, undefined, []],
    ['files without a name', { downloads: [{ bytes: 3 }] }, undefined, []],
  ])('does not choose among %s', async (_, listing, asked, mosaics) => {
    const refusal = { name: 'MosaicNotChosen', jobId: 'job_1', mosaics, asked };
    await expect(choose(listing, asked)).rejects.toMatchObject(refusal);
  });
});

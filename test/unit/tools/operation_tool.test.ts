import { describe, expect, it } from 'vitest';
import type { FileAnswer } from '../../../src/geopera/answers.ts';
import { clip } from '../../../src/operations/clip.ts';
import { items } from '../../../src/operations/items.ts';
import type { Operation } from '../../../src/operations/operation.ts';
import { uploads } from '../../../src/operations/uploads.ts';
import { operationTool } from '../../../src/tools/operations/operation_tool.ts';
import { toolName } from '../../../src/tools/tool_name.ts';
import type { FakeAnswers } from '../geopera/fake_geopera.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';
import { toolCall } from './tool_calls.ts';

/** Invokes the tool of an operation on a fake API. */
async function invoke(operation: Operation, args: unknown, answers: FakeAnswers) {
  const world = workflowWorld(answers);
  const folders = () => Promise.reject(new Error('an operation touches no file'));
  const answer = await operationTool(operation).invoke(args, toolCall(world, { folders }));
  return { answer, calls: world.geopera.calls };
}

describe('the name of a tool', () => {
  it.each([
    ['uploads.initiate', 'uploads_initiate'],
    ['items.asset.download', 'items_asset_download'],
  ])('of %s is %s', (id, name) => {
    expect(toolName(id)).toBe(name);
  });
});

describe('the tool of an operation', () => {
  it('sends what it was given, with the defaults', async () => {
    const { calls } = await invoke(
      uploads.initiate,
      { project_id: 'p', total_bytes: '9' },
      {
        call: async () => ({ id: 'u' }),
      },
    );
    const defaults = { transfer_method: 'browser', file_count: 1, is_categorical: false };
    expect(calls).toEqual([
      {
        id: 'uploads.initiate',
        input: { project_id: 'p', total_bytes: 9, ...defaults },
        // A session outlives the call that opened it.
        idempotencyKey: expect.stringMatching(/^[\da-f-]{36}$/),
      },
    ]);
  });

  it('sends nothing where the arguments do not fit', async () => {
    const call = invoke(uploads.complete, {}, {});
    await expect(call).rejects.toMatchObject({ name: 'InvalidArguments' });
  });

  it.each<[string, unknown, unknown]>([
    ['an object as it is', { items: [{ id: 'i' }], total: 1 }, { items: [{ id: 'i' }], total: 1 }],
    ['a list under results', [{ id: 'i' }], { results: [{ id: 'i' }] }],
    ['a bare value under results', 'done', { results: 'done' }],
    ['nothing as null', undefined, { results: null }],
    ['null', null, { results: null }],
  ])('answers %s', async (_, value, facts) => {
    const { answer } = await invoke(items.list, { project_id: 'p' }, { call: async () => value });
    expect(answer).toEqual({ facts });
  });

  it('throws what the API throws', async () => {
    const failure = new Error('refused');
    const call = invoke(items.get, { item_id: 'i' }, { call: () => Promise.reject(failure) });
    await expect(call).rejects.toBe(failure);
  });
});

describe('the tool of a file operation', () => {
  const args = { job_id: 'j', mosaic_type: 'visual' };
  const open = (file: FileAnswer) => invoke(clip.jobDownload, args, { openFile: async () => file });

  it('answers a descriptor as it is', async () => {
    const value = { url: 'https://s.example/o', size: 3 };
    const { answer, calls } = await open({ kind: 'json', value });
    expect(answer).toEqual({ facts: value, secrets: ['url'] });
    expect(calls).toEqual([{ id: 'clip.job.download', input: args }]);
  });

  it('answers the target of a redirect', async () => {
    const from = 'https://api.example/v1/op/clip.job.download';
    const { answer } = await open({ kind: 'redirect', location: 'https://s.example/o', from });
    expect(answer).toEqual({ facts: { url: 'https://s.example/o' }, secrets: ['url'] });
  });

  it.each([
    ['with its size', { 'content-type': 'image/tiff', 'content-length': '12' }, 12],
    ['of unknown size', { 'content-type': 'image/tiff' }, undefined],
  ])('keeps no bytes of a file %s, and says where they can be had', async (_, headers, bytes) => {
    let discarded = 0;
    const unread = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('read')) }),
    };
    const { answer } = await open({
      kind: 'body',
      headers,
      body: unread,
      discard: () => {
        discarded += 1;
      },
    });
    expect(discarded).toBe(1);
    expect(answer.facts).toEqual({
      media_type: 'image/tiff',
      bytes,
      geopera_mcp: { says: expect.stringContaining('download_clip_to_path') },
    });
  });
});

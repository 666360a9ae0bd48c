import { describe, expect, it } from 'vitest';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { RecentProjects } from '../../../src/resources/recent_projects.ts';
import { Suggestions } from '../../../src/resources/suggestions.ts';
import type { Asked } from '../../../src/tools/tool.ts';
import type { FakeAnswers } from '../geopera/fake_geopera.ts';
import { askedWorld, done } from './asked_world.ts';

const refused = (operationId: string) =>
  new GeoperaError({ kind: 'missing_scope', operationId, detail: 'no' });

function open(call: FakeAnswers['call'], sandbox?: string) {
  const suggestions = new Suggestions(new RecentProjects(sandbox));
  const world = askedWorld({ ...(call && { call }) });
  const complete = (name: string, value: string, known = {}, asked: Asked = world.asked) =>
    suggestions.complete({ name, value }, known, asked);
  return { ...world, complete };
}

describe('suggestions', () => {
  it('of projects come from the newest upload, and are the owner alone', async () => {
    const it = open(async () => ({ item: { id: 'i', project_id: 'mine' } }), 'sandbox');
    await done(it.asked, { facts: { item_ids: ['i'] } });
    expect(await it.complete('project_id', '')).toEqual(['mine', 'sandbox']);
    expect(await it.complete('project_id', 'm')).toEqual(['mine']);
    expect(await it.complete('project_id', '', {}, it.as('you'))).toEqual(['sandbox']);
    expect(it.geopera.calls).toEqual([
      { id: 'items.get', input: { item_id: 'i' } },
      { id: 'items.get', input: { item_id: 'i' } },
    ]);
  });

  it('of items are the own uploads first, and what can be listed of the projects', async () => {
    const it = open(async (id) => {
      if (id === 'items.list') return { items: [{ id: 'other' }, { id: 'own' }, {}, { id: 7 }] };
      return { item: { project_id: 'p' } };
    });
    await done(it.asked, { facts: { item_ids: ['own', 3, ''] } });
    expect(await it.complete('item_id', '')).toEqual(['own', 'other']);
    expect(await it.complete('item_id', '', { project_id: 'q' })).toEqual(['other', 'own']);
    expect(it.geopera.calls.at(-1)).toEqual({ id: 'items.list', input: { project_id: 'q' } });
  });

  it('are what is known where the API refuses', async () => {
    const it = open((id) => Promise.reject(refused(id)), 'sandbox');
    await done(it.asked, { facts: { item_ids: ['own'] } });
    expect(await it.complete('project_id', '')).toEqual(['sandbox']);
    expect(await it.complete('item_id', '')).toEqual(['own']);
    expect(await it.complete('assets', '', { item_id: 'i' })).toEqual([]);
    expect(await it.complete('mosaic_type', '', { job_id: 'j' })).toEqual([]);
  });

  it('ask nothing of the API for what is not named', async () => {
    const it = open(undefined);
    for (const name of ['assets', 'mosaic_type', 'path', 'toString']) {
      expect(await it.complete(name, '', { item_id: '', job_id: '' })).toEqual([]);
    }
    expect(it.geopera.calls).toEqual([]);
  });

  it('are no names that hide something or have no end', async () => {
    const names = ['a\nb', 'a\u202eb', ' a', 'a'.repeat(201), 'ok'];
    const it = open(async () => ({ assets: names.map((key) => ({ key })) }));
    expect(await it.complete('assets', '', { item_id: 'i' })).toEqual(['ok']);
  });

  it('end with the request', async () => {
    const it = open(
      (_id, _input, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const request = new AbortController();
    const asked = { ...it.asked, signal: request.signal };
    const completing = it.complete('assets', '', { item_id: 'i' }, asked);
    const reason = new Error('cancelled');
    request.abort(reason);
    await expect(completing).rejects.toBe(reason);
  });
});

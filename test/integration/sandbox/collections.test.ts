import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { call, sandboxFor, succeed, upload, withId } from './sandbox_fixture.ts';

const bytes = Buffer.from('bytes');
const collection = z.object({ id: z.string(), item_count: z.number() }).passthrough();
const project = z.object({ id: z.string(), organization_id: z.string() }).passthrough();

function make(sandbox: Sandbox, extra: object = {}) {
  const input = { project_id: sandbox.projectId, name: 'Harbour', ...extra };
  return succeed(sandbox, 'collections.create', input, collection);
}

describe('a collection', () => {
  it('is made with the defaults that the OpenAPI states, and counts its items', async () => {
    const sandbox = await sandboxFor();
    const made = await make(sandbox);
    expect(made).toMatchObject({
      project_id: sandbox.projectId,
      name: 'Harbour',
      description: null,
      color: null,
      show_on_map: true,
      layer_order: 0,
      item_count: 0,
      deleted_at: null,
    });
    await upload(sandbox, bytes, { target_collection_id: made.id });
    const of = { project_id: sandbox.projectId, collection_id: made.id };
    const read = await call(sandbox, 'collections.get', of);
    expect(read.body).toMatchObject({ collection: { id: made.id, item_count: 1 } });
  });

  it('changes in what is given alone', async () => {
    const sandbox = await sandboxFor();
    const made = await make(sandbox, { description: 'old', color: '#ff0000' });
    const input = { project_id: sandbox.projectId, collection_id: made.id };
    const changes = { description: 'new', color: null, layer_order: 3 };
    const changed = await call(sandbox, 'collections.update', { ...input, ...changes });
    expect(changed.body).toMatchObject({
      name: 'Harbour',
      description: 'new',
      color: '#ff0000',
      layer_order: 3,
    });
  });

  it('is listed by its place among the layers, until it is deleted', async () => {
    const sandbox = await sandboxFor();
    const low = await make(sandbox, { layer_order: 2 });
    const high = await make(sandbox, { layer_order: 1 });
    const { itemId } = await upload(sandbox, bytes, { target_collection_id: low.id });
    const ids = async () => {
      const listing = z.object({ collections: z.array(withId) });
      const input = { project_id: sandbox.projectId };
      const { collections } = await succeed(sandbox, 'collections.list', input, listing);
      return collections.map(({ id }) => id);
    };
    expect(await ids()).toEqual([high.id, low.id]);
    const gone = { project_id: sandbox.projectId, collection_id: low.id };
    expect((await call(sandbox, 'collections.delete', gone)).body).toEqual({
      ok: true,
      id: low.id,
    });
    expect(await ids()).toEqual([high.id]);
    expect((await call(sandbox, 'collections.get', gone)).status).toBe(404);
    const item = await call(sandbox, 'items.get', { item_id: itemId });
    expect(item.body).toMatchObject({ item: { collection_id: null } });
  });

  it.each([
    ['viewer', 'collections.create', 403],
    ['editor', 'collections.create', 200],
    ['editor', 'collections.delete', 403],
  ] as const)('for a %s: %s answers %i', async (role, operation, status) => {
    const sandbox = await sandboxFor();
    const { id } = await make(sandbox);
    const token = sandbox.issueToken({ scopes: ['*'], role });
    const input = { project_id: sandbox.projectId, collection_id: id, name: 'Other' };
    expect((await call(sandbox, operation, input, token)).status).toBe(status);
  });

  it.each(['col_none', 'another project'])('%s cannot be uploaded to', async (which) => {
    const sandbox = await sandboxFor();
    const other = await succeed(sandbox, 'projects.create', { name: 'Other' }, project);
    const foreign = await make(sandbox, { project_id: other.id });
    const target_collection_id = which === 'col_none' ? which : foreign.id;
    const input = { project_id: sandbox.projectId, target_collection_id };
    expect((await call(sandbox, 'uploads.initiate', input)).status).toBe(404);
  });
});

describe('a project', () => {
  it('is made, changed, archived, and deleted with all that it holds', async () => {
    const sandbox = await sandboxFor();
    const { id } = await succeed(sandbox, 'projects.create', { name: 'Second' }, project);
    const of = { project_id: id };
    await call(sandbox, 'projects.update', { ...of, description: 'for a test' });
    expect((await call(sandbox, 'projects.archive', of)).body).toMatchObject({
      name: 'Second',
      description: 'for a test',
      is_archived: true,
      gcs_region: 'australia-southeast1',
    });
    const session = await succeed(sandbox, 'uploads.initiate', { ...of, total_bytes: 7 }, withId);
    const item = { ...of, name: 'Item', type: 'external_reference' };
    const { id: item_id } = await succeed(sandbox, 'items.create', item, withId);
    expect(sandbox.state().reserved_bytes).toBe(7);
    expect((await call(sandbox, 'projects.delete', of)).body).toEqual({
      deleted: true,
      project_id: id,
      storage_freed_bytes: 0,
    });
    expect(sandbox.state().reserved_bytes).toBe(0);
    expect((await call(sandbox, 'items.get', { item_id })).status).toBe(404);
    const progress = await call(sandbox, 'uploads.progress', { upload_id: session.id });
    expect(progress.status).toBe(404);
    expect((await call(sandbox, 'collections.list', of)).status).toBe(404);
  });

  it('frees the storage of its files', async () => {
    const sandbox = await sandboxFor();
    const { id } = await succeed(sandbox, 'projects.create', { name: 'Second' }, project);
    const { itemId } = await upload(sandbox, bytes);
    const copy = { item_id: itemId, target_project_id: id };
    await succeed(sandbox, 'items.duplicate', copy, withId);
    expect(sandbox.state().used_bytes).toBe(2 * bytes.length);
    const gone = await call(sandbox, 'projects.delete', { project_id: id });
    expect(gone.body).toMatchObject({ storage_freed_bytes: bytes.length });
    expect(sandbox.state().used_bytes).toBe(bytes.length);
  });

  it('of the sandbox itself stays', async () => {
    const sandbox = await sandboxFor();
    const answer = await call(sandbox, 'projects.delete', { project_id: sandbox.projectId });
    expect(answer.status).toBe(409);
  });

  it('has members', async () => {
    const sandbox = await sandboxFor();
    const of = { project_id: sandbox.projectId, user_id: 'user_1' };
    const added = await call(sandbox, 'projects.add_member', of);
    expect(added.body).toMatchObject({ user_id: 'user_1', role: 'editor' });
    expect((await call(sandbox, 'projects.add_member', of)).status).toBe(409);
    const changed = await call(sandbox, 'projects.update_member', { ...of, role: 'viewer' });
    expect(changed.body).toMatchObject({ role: 'viewer' });
    expect((await call(sandbox, 'projects.remove_member', of)).body).toEqual({ ok: true });
    expect((await call(sandbox, 'projects.remove_member', of)).status).toBe(404);
  });

  it('is made once by one key', async () => {
    const { url, token } = await sandboxFor();
    const create = async () => {
      const headers = { Authorization: `Bearer ${token}`, 'Idempotency-Key': 'k' };
      const body = JSON.stringify({ name: 'Once' });
      const path = `${url}/v1/op/projects.create`;
      return (await fetch(path, { method: 'POST', headers, body })).text();
    };
    expect(await create()).toBe(await create());
  });
});

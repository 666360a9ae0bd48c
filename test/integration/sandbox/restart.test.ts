import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import {
  call,
  descriptor,
  openUpload,
  put,
  sandboxFor,
  succeed,
  temporaryFolder,
  upload,
} from './sandbox_fixture.ts';

const bytes = Buffer.from('survives');

/** The members that a state file had before there was more than transfers. */
const ONCE = {
  state: [
    'version',
    'organization_id',
    'bucket',
    'signing_key',
    'sessions',
    'objects',
    'items',
    'assets',
    'clip_jobs',
    'egress_bytes',
    'credentials_seen_by_storage',
  ],
  project: ['id', 'organization_id'],
  principal: ['token', 'id', 'scopes', 'role', 'show_scopes'],
};

const record = z.record(z.unknown());

function asOnceWritten(state: unknown) {
  const { projects, principals, ...rest } = record.parse(state);
  const only = (value: unknown, members: readonly string[]) =>
    Object.fromEntries(
      Object.entries(record.parse(value)).filter(([name]) => members.includes(name)),
    );
  return {
    ...only(rest, ONCE.state),
    projects: z
      .array(record)
      .parse(projects)
      .map((one) => only(one, ONCE.project)),
    principals: z
      .array(record)
      .parse(principals)
      .map((one) => only(one, ONCE.principal)),
  };
}

describe('a sandbox that starts again in the same folder', () => {
  it('has the same token, project, items, bytes and reservations', async () => {
    const dataDir = await temporaryFolder();
    const first = await startSandbox({ dataDir });
    const issued = first.issueToken({ scopes: ['items:read'] });
    const { itemId } = await upload(first, bytes);
    const open = await openUpload(first, 500);
    const before = first.state();
    await first.close();

    const second = await sandboxFor({ dataDir });
    expect(second.token).toBe(first.token);
    expect(second.projectId).toBe(first.projectId);
    expect(second.state()).toEqual(before);
    expect(second.state().reserved_bytes).toBe(500);
    expect((await call(second, 'items.get', { item_id: itemId }, issued)).status).toBe(200);
    const input = { item_id: itemId, asset_id: 'data' };
    const { url } = await succeed(second, 'items.asset.download', input, descriptor);
    expect(await (await fetch(url)).text()).toBe('survives');
    const failure = { upload_id: open.uploadId, error_message: 'restarted' };
    expect((await call(second, 'uploads.fail', failure)).status).toBe(200);
    expect(second.state().reserved_bytes).toBe(0);
  });

  it('takes URLs that the first one signed for the same port', async () => {
    const dataDir = await temporaryFolder();
    const first = await startSandbox({ dataDir });
    const { uploadUrl } = await openUpload(first, bytes.length);
    const port = Number(new URL(first.url).port);
    await first.close();
    await sandboxFor({ dataDir, port });
    expect((await put(uploadUrl, bytes)).status).toBe(200);
  });

  it('drops what an interrupted PUT left on disk', async () => {
    const dataDir = await temporaryFolder();
    await (await startSandbox({ dataDir })).close();
    const objects = join(dataDir, 'objects');
    await writeFile(join(objects, 'left-over.part'), 'half');
    await sandboxFor({ dataDir });
    expect(await readdir(objects)).toEqual([]);
  });

  it('keeps its state where only its owner can read it', async () => {
    const dataDir = await temporaryFolder();
    await sandboxFor({ dataDir });
    const { mode } = await stat(join(dataDir, 'sandbox-state.json'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('takes the state of a sandbox that knew of transfers alone', async () => {
    const dataDir = await temporaryFolder();
    const first = await startSandbox({ dataDir });
    const { itemId } = await upload(first, bytes);
    await first.close();
    const path = join(dataDir, 'sandbox-state.json');
    await writeFile(path, JSON.stringify(asOnceWritten(JSON.parse(await readFile(path, 'utf8')))));

    const second = await sandboxFor({ dataDir });
    expect((await call(second, 'items.get', { item_id: itemId })).status).toBe(200);
    const collection = { project_id: second.projectId, name: 'New' };
    expect((await call(second, 'collections.create', collection)).status).toBe(200);
    const balance = await call(second, 'billing.credits.balance', {});
    expect(balance.body).toMatchObject({ balance: 50_000 });
    const archived = await call(second, 'projects.archive', { project_id: second.projectId });
    expect(archived.body).toMatchObject({ id: second.projectId, is_archived: true });
  });

  it('refuses a state file that is damaged', async () => {
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'sandbox-state.json'), '{"version":1}');
    await expect(startSandbox({ dataDir })).rejects.toThrow();
  });

  it('says so when its port is taken', async () => {
    const first = await sandboxFor();
    const port = Number(new URL(first.url).port);
    const second = startSandbox({ dataDir: await temporaryFolder(), port });
    await expect(second).rejects.toMatchObject({
      name: 'PortError',
      message: expect.stringContaining(`${port} on 127.0.0.1 is taken`),
    });
  });

  it('closes while a client holds a connection', async () => {
    const sandbox = await startSandbox({ dataDir: await temporaryFolder() });
    const { uploadUrl } = await openUpload(sandbox, bytes.length);
    sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 1 } });
    const pending = put(uploadUrl, bytes).catch((error: unknown) => error);
    await call(sandbox, 'items.get', { item_id: 'x' });
    await sandbox.close();
    expect(await pending).toBeInstanceOf(Error);
  });
});

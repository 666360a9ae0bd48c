import { createHash } from 'node:crypto';
import { appendFile, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Fault } from '../../src/sandbox/sandbox.ts';
import { writeBytes, writeScene } from '../scene.ts';
import { startWorld, uploadFacts, type World, type WorldOptions } from './world.ts';

let world: World | undefined;

async function open(options?: WorldOptions): Promise<World> {
  world = await startWorld(options);
  return world;
}

afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** The only session that the sandbox has seen. */
function onlySession({ sandbox }: World) {
  const [session, ...more] = sandbox.state().sessions;
  expect(more).toEqual([]);
  if (session === undefined) throw new Error('no session was opened');
  return session;
}

function expectReleased(it: World, step: string): void {
  const session = onlySession(it);
  expect(session.status).toBe('failed');
  expect(session.error_step).toBe(step);
  expect(session.calls['uploads.fail']).toBe(1);
  expect(it.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
}

describe('upload_local_file', () => {
  it('makes a local GeoTIFF an item and says what was verified', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'harbour_2024.tif');
    const bytes = await readFile(path);

    const answer = await it.call('upload_local_file', {
      path,
      project_id: it.sandbox.projectId,
      sha256: true,
    });

    expect(answer.isError).toBe(false);
    expect(JSON.parse(answer.text)).toEqual(answer.facts);
    expect(answer.facts).toMatchObject({
      bytes: bytes.length,
      files: [
        {
          file_name: 'harbour_2024.tif',
          verified: 'crc32c',
          sha256: createHash('sha256').update(bytes).digest('hex'),
        },
      ],
    });
    const [file] = uploadFacts.parse(answer.facts).files;
    expect(file?.storage_crc32c).toBe(file?.crc32c);
    const session = onlySession(it);
    expect(session).toMatchObject({ status: 'completed', bytes_uploaded: bytes.length });
    expect(answer.facts['upload_id']).toBe(session.id);
    expect(answer.facts['item_ids']).toEqual(session.item_ids);

    const [itemId] = session.item_ids;
    const item = await it.call('items_get', { item_id: itemId });
    expect(item.facts).toMatchObject({ item: { id: itemId, upload_id: session.id } });
  });

  it('never shows the Geopera token to storage', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(it.sandbox.state().credentials_seen_by_storage).toBe(0);
  });

  it('tells its progress, rising, with the total known from the start', async () => {
    const it = await open();
    const path = await writeBytes(it.folder, 'a.bin', 3_000_000);
    const { length } = await readFile(path);
    const seen: Progress[] = [];
    await it.call(
      'upload_local_file',
      { path, project_id: it.sandbox.projectId },
      { onprogress: (progress) => seen.push(progress) },
    );
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(({ total }) => total === length)).toBe(true);
    expect(seen.at(-1)?.progress).toBe(length);
    const values = seen.map(({ progress }) => progress);
    expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
  });

  it('adds an asset to an existing item, which makes no new item', async () => {
    const it = await open();
    const { projectId } = it.sandbox;
    const path = await writeScene(it.folder, 'a.tif');
    const first = await it.call('upload_local_file', { path, project_id: projectId });
    const [itemId] = uploadFacts.parse(first.facts).item_ids;
    const second = await it.call('upload_local_file', {
      path,
      project_id: projectId,
      target_item_id: itemId,
      asset_key: 'extra',
    });
    expect(second).toMatchObject({ isError: false, facts: { item_ids: [] } });
    const assets = await it.call('items_list_assets', { item_id: itemId });
    expect(assets.text).toContain('"extra"');
  });

  it('sends an empty file', async () => {
    const it = await open();
    const path = join(it.folder, 'empty.csv');
    await writeFile(path, '');
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: false, facts: { bytes: 0 } });
  });
});

describe('transfer_method', () => {
  it('falls back to cli once where signed_url is refused, and remembers', async () => {
    const it = await open({ sandbox: { transferMethods: ['browser', 'cli', 'cloud_transfer'] } });
    const path = await writeScene(it.folder, 'a.tif');
    const args = { path, project_id: it.sandbox.projectId };
    expect(await it.call('upload_local_file', args)).toMatchObject({ isError: false });
    // One refusal more would show as a second one of these.
    it.sandbox.inject({ on: 'uploads.initiate', after: 1, do: { status: 500 } });
    expect(await it.call('upload_local_file', args)).toMatchObject({ isError: false });
    expect(it.sandbox.state().sessions.map(({ status }) => status)).toEqual([
      'completed',
      'completed',
    ]);
  });

  it('gives the refusal of both as it is', async () => {
    const it = await open({ sandbox: { transferMethods: ['browser'] } });
    const path = await writeScene(it.folder, 'a.tif');
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: true, errorCode: 'invalid_input' });
    expect(answer.text).toContain('transfer_method');
    expect(it.sandbox.state().sessions).toEqual([]);
  });
});

describe('whatever goes wrong after initiate ends in exactly one uploads.fail', () => {
  const forever = 100;
  const table: readonly {
    name: string;
    faults: readonly Fault[];
    step: string;
    code: string;
  }[] = [
    {
      name: 'signing is refused',
      faults: [{ on: 'uploads.signed_url', do: { status: 403 } }],
      step: 'sign',
      code: 'forbidden',
    },
    {
      name: 'storage refuses',
      faults: [{ on: 'storage.put', times: forever, do: { status: 412 } }],
      step: 'transfer',
      code: 'storage_refused',
    },
    {
      name: 'storage stays in trouble',
      faults: [{ on: 'storage.put', times: forever, do: { status: 503 } }],
      step: 'transfer',
      code: 'storage_unavailable',
    },
    {
      name: 'the connection to storage keeps breaking',
      faults: [{ on: 'storage.put', times: forever, do: { cut_after_bytes: 100 } }],
      step: 'transfer',
      code: 'connection_lost',
    },
    {
      name: 'every signed URL is expired',
      faults: [{ on: 'storage.put', times: forever, do: { expire: true } }],
      step: 'transfer',
      code: 'url_expired',
    },
    {
      name: 'storage keeps other bytes than it was sent',
      faults: [{ on: 'storage.put', times: forever, do: { lie: 'checksum' } }],
      step: 'transfer',
      code: 'checksum_mismatch',
    },
    {
      name: 'completion is refused',
      faults: [{ on: 'uploads.complete', do: { status: 422 } }],
      step: 'complete',
      code: 'invalid_input',
    },
    {
      name: 'completion breaks and made no items',
      faults: [{ on: 'uploads.complete', do: { status: 500 } }],
      step: 'complete',
      code: 'unavailable',
    },
  ];

  it.each(table)('$name', async ({ faults, step, code }) => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    for (const fault of faults) it.sandbox.inject(fault);
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    expect(answer.text).toContain(`failed at the step ${step}`);
    expect(answer.text).toMatch(/reserved storage of upload session \S+ was released/);
    expect(answer.text).not.toContain('X-Goog-Signature');
    expectReleased(it, step);
  });

  it('the file shrinks while it is sent', async () => {
    const it = await open();
    const path = await writeBytes(it.folder, 'a.bin', 6_000_000);
    const answer = await it.call(
      'upload_local_file',
      { path, project_id: it.sandbox.projectId },
      { onprogress: () => void truncate(path, 100) },
    );
    expect(answer).toMatchObject({ isError: true, errorCode: 'source_changed' });
    expectReleased(it, 'transfer');
  });

  it('the file grows while it is sent', async () => {
    const it = await open();
    const path = await writeBytes(it.folder, 'a.bin', 6_000_000);
    const answer = await it.call(
      'upload_local_file',
      { path, project_id: it.sandbox.projectId },
      { onprogress: () => void appendFile(path, 'more') },
    );
    expect(answer).toMatchObject({ isError: true, errorCode: 'source_changed' });
    expectReleased(it, 'transfer');
  });

  it('the client cancels', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 10 } });
    const stop = new AbortController();
    const args = { path, project_id: it.sandbox.projectId };
    const call = it.call('upload_local_file', args, {
      signal: stop.signal,
      onprogress: () => stop.abort(),
    });
    await expect(call).rejects.toThrow();
    await it.mcp.drain();
    expectReleased(it, 'transfer');
  });

  it('the client cancels while a URL is being signed', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject({ on: 'uploads.signed_url', do: { stall_after_bytes: 0 } });
    const stop = new AbortController();
    const args = { path, project_id: it.sandbox.projectId };
    const call = it.call('upload_local_file', args, { signal: stop.signal });
    const cancelled = expect(call).rejects.toThrow();
    await vi.waitFor(() => expect(onlySession(it).calls['uploads.signed_url']).toBe(1));
    stop.abort();
    await cancelled;
    await it.mcp.drain();
    expectReleased(it, 'sign');
  });

  it('the server shuts down', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 10 } });
    const args = { path, project_id: it.sandbox.projectId };
    const answer = await it.call('upload_local_file', args, {
      onprogress: () => void it.mcp.drain(),
    });
    expect(answer).toMatchObject({ isError: true, errorCode: 'cancelled' });
    expectReleased(it, 'transfer');
  });

  it('says what to call when the reservation could not be released', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject({ on: 'storage.put', times: forever, do: { status: 412 } });
    it.sandbox.inject({ on: 'uploads.fail', times: forever, do: { status: 503 } });
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    const { id } = onlySession(it);
    expect(answer).toMatchObject({ isError: true, errorCode: 'storage_refused' });
    expect(answer.text).toContain(`call uploads.fail with upload_id ${id}`);
  });
});

describe('transient trouble is got over', () => {
  const table: readonly Fault[] = [
    { on: 'storage.put', do: { expire: true } },
    { on: 'storage.put', do: { status: 503, retry_after: 1 } },
    { on: 'storage.put', do: { cut_after_bytes: 0 } },
    { on: 'storage.put', do: { lie: 'checksum' } },
    { on: 'storage.put', do: { lose_answer: true } },
    { on: 'uploads.initiate', do: { status: 429, retry_after: 0 } },
    { on: 'uploads.signed_url', do: { status: 503 } },
    { on: 'uploads.progress', times: 9, do: { status: 500 } },
  ];

  it.each(table)('$on: $do', async (fault) => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject(fault);
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer.text).not.toContain('failed');
    expect(onlySession(it)).toMatchObject({ status: 'completed' });
    expect(onlySession(it).calls['uploads.fail'] ?? 0).toBe(0);
  });

  it('finds the items when the answer of uploads.complete is lost', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject({ on: 'uploads.complete', do: { lose_answer: true } });
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: false, facts: { note: expect.any(String) } });
    const session = onlySession(it);
    expect(answer.facts['item_ids']).toEqual(session.item_ids);
    expect(session.calls).toMatchObject({ 'uploads.complete': 1 });
    expect(session.calls['uploads.fail'] ?? 0).toBe(0);
  });
});

describe('an API that says it in other words', () => {
  const forever = 100;

  it.each([
    [200, {}],
    [204, undefined],
  ])('a %i of uploads.fail with the body %j is a release', async (status, body) => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject({ on: 'storage.put', times: forever, do: { status: 412 } });
    it.sandbox.inject({ on: 'uploads.fail', do: { status, body } });
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: true, errorCode: 'storage_refused' });
    expect(answer.text).toContain('was released');
  });

  it('a page that is no answer of uploads.fail is no release', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject({ on: 'storage.put', times: forever, do: { status: 412 } });
    const page = { status: 404, body: '<html>' };
    it.sandbox.inject({ on: 'uploads.fail', times: forever, do: page });
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer.text).toContain('could not be released');
  });

  it.each([
    [200, {}, []],
    [204, undefined, []],
    [200, { item_ids: null }, []],
    [200, { item_ids: [7] }, ['7']],
  ])('a %i of uploads.complete with the body %j is a success', async (status, body, itemIds) => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    it.sandbox.inject({ on: 'uploads.complete', do: { status, body } });
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: false, facts: { item_ids: itemIds } });
    expect(onlySession(it).calls['uploads.fail'] ?? 0).toBe(0);
  });
});

describe('a lost answer of uploads.complete for a file that joins an item', () => {
  async function joined(it: World, more: object) {
    const path = await writeScene(it.folder, 'a.tif');
    const project_id = it.sandbox.projectId;
    const first = await it.call('upload_local_file', { path, project_id });
    const [target_item_id] = uploadFacts.parse(first.facts).item_ids;
    it.sandbox.inject({ on: 'uploads.complete', do: { lose_answer: true } });
    return it.call('upload_local_file', { path, project_id, target_item_id, ...more });
  }

  it('is no success where the key was there before', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    const project_id = it.sandbox.projectId;
    const first = await it.call('upload_local_file', { path, project_id });
    const [target_item_id] = uploadFacts.parse(first.facts).item_ids;
    it.sandbox.inject({ on: 'uploads.complete', do: { status: 503 } });
    const args = { path, project_id, target_item_id, asset_key: 'data' };
    const answer = await it.call('upload_local_file', args);
    expect(answer).toMatchObject({ isError: true, errorCode: 'unavailable' });
    expect(it.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
  });

  it('is told as it is: perhaps completed, nothing to release', async () => {
    const it = await open();
    const answer = await joined(it, { asset_key: 'extra' });
    expect(answer).toMatchObject({ isError: true, errorCode: 'unreachable' });
    expect(answer.text).toContain('already over: it may have been completed all the same');
    expect(answer.text).not.toContain('could not be released');
  });
});

describe('before anything is reserved', () => {
  const noSession = ({ sandbox }: World) => expect(sandbox.state().sessions).toEqual([]);

  it('a scope known to be missing is named', async () => {
    const it = await open({
      token: (sandbox) => sandbox.issueToken({ scopes: ['items:*'], showScopes: true }),
    });
    const path = await writeScene(it.folder, 'a.tif');
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: true, errorCode: 'missing_scope' });
    expect(answer.text).toContain("missing scope 'uploads:write' for 'uploads.initiate'");
    expect(answer.text).toContain('lacks the scope uploads:write');
    noSession(it);
  });

  it('unknown scopes leave the judgement to the API', async () => {
    const it = await open({ token: (sandbox) => sandbox.issueToken({ scopes: ['items:*'] }) });
    const path = await writeScene(it.folder, 'a.tif');
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: true, errorCode: 'missing_scope' });
    expect(answer.text).toContain('HTTP 403');
    noSession(it);
  });

  it('a missing token says how to set one', async () => {
    const it = await open({ token: () => undefined });
    const path = await writeScene(it.folder, 'a.tif');
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: true, errorCode: 'no_token' });
    expect(answer.text).toContain('GEOPERA_API_TOKEN');
  });

  it('a quota that is too small says how many bytes were asked for', async () => {
    const it = await open({ sandbox: { quotaBytes: 1000 } });
    const path = await writeScene(it.folder, 'a.tif');
    const { length } = await readFile(path);
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: true, errorCode: 'payment_required' });
    expect(answer.text).toContain(`(${length} bytes)`);
    noSession(it);
  });

  it.each(['cr\r\nlf.tif', 'turned\u202etif.exe'])('the name %j is refused', async (name) => {
    const it = await open();
    const path = await writeScene(it.folder, name);
    const project_id = it.sandbox.projectId;
    const one = await it.call('upload_local_file', { path, project_id });
    const many = await it.call('upload_local_files', { paths: [path], project_id });
    for (const answer of [one, many]) {
      expect(answer).toMatchObject({ isError: true, errorCode: 'invalid_arguments' });
      expect(answer.text).not.toContain(name);
    }
    const named = await it.call('upload_local_file', { path, project_id, file_name: 'fine.tif' });
    expect(named.isError, named.text).toBe(false);
  });

  it('a role that may not upload, and a project of others', async () => {
    const it = await open({
      token: (sandbox) => sandbox.issueToken({ scopes: ['*'], role: 'viewer' }),
    });
    const path = await writeScene(it.folder, 'a.tif');
    const viewer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(viewer).toMatchObject({ isError: true, errorCode: 'forbidden' });
    const foreign = it.sandbox.state().foreign_project_id;
    const other = await it.call('upload_local_file', { path, project_id: foreign });
    expect(other).toMatchObject({ isError: true, errorCode: 'not_found' });
    noSession(it);
  });

  it.each([
    ['a path outside', () => '/etc/hostname'],
    ['a climb out', (folder: string) => join(folder, '..', 'sandbox', 'state.json')],
    ['a link out', (folder: string) => join(folder, 'link.tif')],
    ['a folder', (folder: string) => folder],
    ['a device', () => '/dev/zero'],
    ['nothing at all', (folder: string) => join(folder, 'none.tif')],
  ])('%s is refused, naming the allowed folders', async (_name, pathIn) => {
    const it = await open();
    await symlink('/etc/hostname', join(it.folder, 'link.tif'));
    const path = pathIn(it.folder);
    const answer = await it.call('upload_local_file', { path, project_id: it.sandbox.projectId });
    expect(answer.isError).toBe(true);
    expect(answer.errorCode).toMatch(/^path_/);
    expect(answer.text).toContain(it.folder);
    noSession(it);
  });
});

describe('upload_local_files', () => {
  it('sends all files as one session', async () => {
    const it = await open();
    const names = ['b02.tif', 'b03.tif', 'b04.tif', 'b08.tif', 'b11.tif', 'b12.tif'];
    const paths = await Promise.all(names.map((name) => writeScene(it.folder, name)));
    const answer = await it.call('upload_local_files', { paths, project_id: it.sandbox.projectId });
    expect(answer.isError).toBe(false);
    const { files } = uploadFacts.parse(answer.facts);
    expect(files.map(({ file_name }) => file_name)).toEqual(names);
    const session = onlySession(it);
    expect(session.item_ids).toHaveLength(names.length);
    expect(session.calls).toMatchObject({ 'uploads.signed_url': 6, 'uploads.complete': 1 });
  });

  it('one bad file fails the session, once', async () => {
    const it = await open();
    const names = ['1.tif', '2.tif', '3.tif', '4.tif', '5.tif'];
    const paths = await Promise.all(names.map((name) => writeScene(it.folder, name)));
    it.sandbox.inject({ on: 'storage.put', after: 2, do: { status: 412 } });
    const answer = await it.call('upload_local_files', { paths, project_id: it.sandbox.projectId });
    expect(answer).toMatchObject({ isError: true, errorCode: 'storage_refused' });
    expect(answer.text).toMatch(/^The upload of \d\.tif failed/);
    expectReleased(it, 'transfer');
  });

  it('refuses two files of one name', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'a.tif');
    const answer = await it.call('upload_local_files', {
      paths: [path, path],
      project_id: it.sandbox.projectId,
    });
    expect(answer).toMatchObject({ isError: true, errorCode: 'invalid_arguments' });
    expect(it.sandbox.state().sessions).toEqual([]);
  });
});

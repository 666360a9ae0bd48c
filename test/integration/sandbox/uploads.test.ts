import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  call,
  completed,
  descriptor,
  openUpload,
  put,
  sandboxFor,
  succeed,
  upload,
  withId,
} from './sandbox_fixture.ts';

const bytes = Buffer.from('not a raster, but bytes all the same');

describe('an upload session', () => {
  it('carries a file into an item and back, byte for byte', async () => {
    const sandbox = await sandboxFor();
    const { itemId, uploadId } = await upload(sandbox, bytes);
    const got = await succeed(
      sandbox,
      'items.get',
      { item_id: itemId },
      z.object({ item: z.record(z.unknown()) }),
    );
    expect(got.item).toMatchObject({ upload_id: uploadId, project_id: sandbox.projectId });
    const input = { item_id: itemId, asset_id: 'data' };
    const { url, size_bytes } = await succeed(sandbox, 'items.asset.download', input, descriptor);
    const back = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(back.equals(bytes)).toBe(true);
    expect(size_bytes).toBe(bytes.length);
    expect(sandbox.state()).toMatchObject({
      reserved_bytes: 0,
      used_bytes: bytes.length,
      open_sessions: 0,
      egress_bytes: bytes.length,
      credentials_seen_by_storage: 0,
    });
  });

  it('answers a second complete with the same id and no new items', async () => {
    const sandbox = await sandboxFor();
    const { uploadId } = await upload(sandbox, bytes);
    const again = await succeed(sandbox, 'uploads.complete', { upload_id: uploadId }, completed);
    expect(again).toEqual({ id: uploadId, item_ids: [] });
  });

  it('completes without files as a no-op', async () => {
    const sandbox = await sandboxFor();
    const start = { project_id: sandbox.projectId, total_bytes: 10 };
    const { id } = await succeed(sandbox, 'uploads.initiate', start, withId);
    const answer = await succeed(sandbox, 'uploads.complete', { upload_id: id }, completed);
    expect(answer.item_ids).toEqual([]);
    expect(sandbox.state().reserved_bytes).toBe(0);
  });

  it('makes one set of items of two completes at once', async () => {
    const sandbox = await sandboxFor();
    const session = await openUpload(sandbox, bytes.length);
    await put(session.uploadUrl, bytes);
    const complete = () =>
      succeed(sandbox, 'uploads.complete', { upload_id: session.uploadId }, completed);
    const answers = await Promise.all([complete(), complete()]);
    expect(answers.flatMap((answer) => answer.item_ids)).toHaveLength(1);
  });

  it('refuses to complete before every signed file is in storage', async () => {
    const sandbox = await sandboxFor();
    const { uploadId } = await openUpload(sandbox, bytes.length);
    const answer = await call(sandbox, 'uploads.complete', { upload_id: uploadId });
    expect(answer.status).toBe(422);
    expect(sandbox.state().open_sessions).toBe(1);
  });

  it('refuses to complete with more bytes than were reserved', async () => {
    const sandbox = await sandboxFor();
    const { uploadId, uploadUrl } = await openUpload(sandbox, bytes.length - 1);
    await put(uploadUrl, bytes);
    const answer = await call(sandbox, 'uploads.complete', { upload_id: uploadId });
    expect(answer).toMatchObject({ status: 422, mediaType: 'application/problem+json' });
  });

  it('holds the caller to file_count', async () => {
    const sandbox = await sandboxFor();
    const start = { project_id: sandbox.projectId, total_bytes: 99, file_count: 2 };
    const { id } = await succeed(sandbox, 'uploads.initiate', start, withId);
    const sign = (file_name: string) =>
      call(sandbox, 'uploads.signed_url', { upload_id: id, file_name });
    const first = z.object({ upload_url: z.string() }).parse((await sign('a.tif')).body);
    await put(first.upload_url, bytes, 'application/octet-stream');
    expect((await call(sandbox, 'uploads.complete', { upload_id: id })).status).toBe(422);
    expect((await sign('a.tif')).status).toBe(200);
    const second = z.object({ upload_url: z.string() }).parse((await sign('b.tif')).body);
    expect((await sign('c.tif')).status).toBe(422);
    await put(second.upload_url, bytes, 'application/octet-stream');
    const done = await succeed(sandbox, 'uploads.complete', { upload_id: id }, completed);
    expect(done.item_ids).toHaveLength(2);
  });

  it('gives the reservation back on fail, once', async () => {
    const sandbox = await sandboxFor();
    const { uploadId, uploadUrl } = await openUpload(sandbox, bytes.length);
    await put(uploadUrl, bytes);
    expect(sandbox.state().reserved_bytes).toBe(bytes.length);
    const failure = {
      upload_id: uploadId,
      error_message: 'client aborted',
      error_step: 'transfer',
    };
    expect((await call(sandbox, 'uploads.fail', failure)).body).toEqual({ id: uploadId });
    expect((await call(sandbox, 'uploads.fail', failure)).status).toBe(409);
    expect((await call(sandbox, 'uploads.complete', { upload_id: uploadId })).status).toBe(409);
    expect(sandbox.state()).toMatchObject({ reserved_bytes: 0, used_bytes: 0, open_sessions: 0 });
    expect(sandbox.state().sessions).toMatchObject([
      {
        status: 'failed',
        error_message: 'client aborted',
        error_step: 'transfer',
        calls: { 'uploads.fail': 2, 'uploads.complete': 1 },
      },
    ]);
  });

  it('refuses to fail a completed session', async () => {
    const sandbox = await sandboxFor();
    const { uploadId } = await upload(sandbox, bytes);
    const failure = { upload_id: uploadId, error_message: 'too late' };
    expect((await call(sandbox, 'uploads.fail', failure)).status).toBe(409);
    expect(sandbox.state().sessions).toMatchObject([{ status: 'completed' }]);
  });

  it('takes progress without changing the life of the session', async () => {
    const sandbox = await sandboxFor();
    const { uploadId } = await openUpload(sandbox, bytes.length);
    const report = { upload_id: uploadId, status: 'completed', bytes_uploaded: 7 };
    expect((await call(sandbox, 'uploads.progress', report)).body).toEqual({ id: uploadId });
    await call(sandbox, 'uploads.progress', report);
    expect(sandbox.state().sessions).toMatchObject([
      { status: 'open', bytes_uploaded: 7, calls: { 'uploads.progress': 2 } },
    ]);
  });

  it('refuses what the quota cannot hold, counting reservations', async () => {
    const sandbox = await sandboxFor({ quotaBytes: 100 });
    await openUpload(sandbox, 60);
    const start = { project_id: sandbox.projectId, total_bytes: 41 };
    const answer = await call(sandbox, 'uploads.initiate', start);
    expect(answer).toMatchObject({ status: 402, mediaType: 'application/problem+json' });
    expect(answer.body).toMatchObject({ title: 'Payment Required', status: 402 });
    expect((await call(sandbox, 'uploads.initiate', { ...start, total_bytes: 40 })).status).toBe(
      200,
    );
  });

  it('refuses a transfer method that it was told not to take', async () => {
    const sandbox = await sandboxFor({ transferMethods: ['browser', 'cli', 'cloud_transfer'] });
    const start = { project_id: sandbox.projectId, transfer_method: 'signed_url' };
    const answer = await call(sandbox, 'uploads.initiate', start);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({
      detail: [
        {
          loc: ['body', 'transfer_method'],
          msg: "String should match pattern '^(browser|cli|cloud_transfer)$'",
          type: 'string_pattern_mismatch',
        },
      ],
    });
  });

  it('adds a file to an existing item under a key that is free', async () => {
    const sandbox = await sandboxFor();
    const { itemId } = await upload(sandbox, bytes);
    const joined = await upload(sandbox, bytes, { target_item_id: itemId, asset_key: 'extra' });
    expect(joined.itemId).toBe('');
    const listing = await call(sandbox, 'items.list_assets', { item_id: itemId });
    expect(listing.body).toMatchObject({ assets: [{ key: 'data' }, { key: 'extra' }] });
    const twice = await openUpload(sandbox, bytes.length, {
      target_item_id: itemId,
      asset_key: 'extra',
    });
    await put(twice.uploadUrl, bytes);
    const refused = await call(sandbox, 'uploads.complete', { upload_id: twice.uploadId });
    expect(refused.status).toBe(409);
  });

  it.each([
    'scene.tif',
    '../../etc/passwd',
    'a/b/c.tif',
    'zero\0byte.tif',
    'größe — 北京 (1).tif',
    "it's 100% *true*.tif",
    'x'.repeat(255),
    '..%2F',
  ])('keeps a file named %j', async (name) => {
    const sandbox = await sandboxFor();
    const { itemId, objectPath } = await upload(sandbox, bytes, { name });
    expect(objectPath.endsWith(`/${name}`)).toBe(true);
    const input = { item_id: itemId, asset_id: 'data' };
    const { url } = await succeed(sandbox, 'items.asset.download', input, descriptor);
    const back = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(createHash('md5').update(back).digest('hex')).toBe(
      createHash('md5').update(bytes).digest('hex'),
    );
  });

  it.each(['.', '..', 'two\nlines', 'x'.repeat(1024)])('refuses to sign %j', async (name) => {
    const sandbox = await sandboxFor();
    const start = { project_id: sandbox.projectId };
    const { id } = await succeed(sandbox, 'uploads.initiate', start, withId);
    const answer = await call(sandbox, 'uploads.signed_url', { upload_id: id, file_name: name });
    expect(answer.status).toBe(422);
  });
});

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fromFile } from 'geotiff';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Fault } from '../../src/sandbox/sandbox.ts';
import { writeScene } from '../scene.ts';
import { startWorld, uploadFacts, type World, type WorldOptions } from './world.ts';

const assetFacts = z.object({ assets: z.array(z.object({ id: z.string(), key: z.string() })) });
const clipFacts = z.object({ job: z.object({ id: z.string() }) });

let world: World | undefined;

afterEach(async () => {
  await world?.close();
  world = undefined;
});

interface Uploaded extends World {
  readonly path: string;
  readonly bytes: Buffer;
  readonly itemId: string;
  readonly assetKey: string;
  readonly assetRecordId: string;
}

/** A world in which a scene was uploaded. */
async function openUploaded(options?: WorldOptions): Promise<Uploaded> {
  world = await startWorld(options);
  const path = await writeScene(world.folder, 'harbour.tif');
  const upload = await world.call('upload_local_file', {
    path,
    project_id: world.sandbox.projectId,
  });
  const [itemId = ''] = uploadFacts.parse(upload.facts).item_ids;
  const listing = await world.call('items_list_assets', { item_id: itemId });
  const [asset] = assetFacts.parse(listing.facts).assets;
  return {
    ...world,
    path,
    bytes: await readFile(path),
    itemId,
    assetKey: asset?.key ?? '',
    assetRecordId: asset?.id ?? '',
  };
}

async function startClip(it: Uploaded, assetKeys?: string[]): Promise<string> {
  const ring = [
    [151.21, -33.84],
    [151.24, -33.84],
    [151.24, -33.82],
    [151.21, -33.82],
    [151.21, -33.84],
  ];
  const answer = await it.call('clip_create_from_item', {
    source_item_id: it.itemId,
    project_id: it.sandbox.projectId,
    aoi_geometry: { type: 'Polygon', coordinates: [ring] },
    ...(assetKeys === undefined ? {} : { asset_keys: assetKeys }),
  });
  expect(answer.isError, answer.text).toBe(false);
  return clipFacts.parse(answer.facts).job.id;
}

describe('download_asset_to_path', () => {
  it('saves the asset whole, verified, with a link to the file', async () => {
    const it = await openUploaded();
    const target = join(it.folder, 'back.tif');
    const answer = await it.call('download_asset_to_path', {
      item_id: it.itemId,
      asset_id: it.assetKey,
      path: target,
    });
    expect(answer.facts).toMatchObject({
      path: target,
      bytes: it.bytes.length,
      verified: 'crc32c',
      verified_against: 'storage',
      media_type: 'image/tiff',
    });
    expect(await readFile(target)).toEqual(it.bytes);
    expect(answer.content).toContainEqual(
      expect.objectContaining({ type: 'resource_link', uri: pathToFileURL(target).href }),
    );
    expect(it.sandbox.state()).toMatchObject({
      egress_bytes: it.bytes.length,
      credentials_seen_by_storage: 0,
    });
  });

  it.each(['key', 'record'] as const)(
    'takes the asset key and the record id where the API takes the %s',
    async (assetIds) => {
      const it = await openUploaded({ sandbox: { assetIds } });
      for (const [name, asset] of [
        ['by_key.tif', it.assetKey],
        ['by_id.tif', it.assetRecordId],
      ] as const) {
        const answer = await it.call('download_asset_to_path', {
          item_id: it.itemId,
          asset_id: asset,
          path: name,
        });
        expect(answer.isError, answer.text).toBe(false);
        expect(await readFile(join(it.folder, name))).toEqual(it.bytes);
      }
    },
  );

  it('resolves the key also where the 404 says nothing', async () => {
    const it = await openUploaded({ sandbox: { assetIds: 'record' } });
    it.sandbox.inject({ on: 'items.asset.download', do: { status: 404, body: '' } });
    const args = { item_id: it.itemId, asset_id: it.assetKey, path: 'back.tif' };
    const answer = await it.call('download_asset_to_path', args);
    expect(answer.isError, answer.text).toBe(false);
  });

  it('names the assets there are when the one asked for is not', async () => {
    const it = await openUploaded();
    const answer = await it.call('download_asset_to_path', {
      item_id: it.itemId,
      asset_id: 'nir',
      path: 'nir.tif',
    });
    expect(answer).toMatchObject({ isError: true, errorCode: 'not_found' });
    expect(answer.text).toContain(`it has: ${it.assetKey}`);
  });

  it('replaces nothing unless asked', async () => {
    const it = await openUploaded();
    const target = join(it.folder, 'mine.tif');
    await writeFile(target, 'precious');
    const args = { item_id: it.itemId, asset_id: it.assetKey, path: target };
    const refused = await it.call('download_asset_to_path', args);
    expect(refused).toMatchObject({ isError: true, errorCode: 'path_exists' });
    expect(refused.text).toContain('overwrite: true');
    expect(await readFile(target, 'utf8')).toBe('precious');
    const replaced = await it.call('download_asset_to_path', { ...args, overwrite: true });
    expect(replaced.isError).toBe(false);
    expect(await readFile(target)).toEqual(it.bytes);
  });

  it('a file that appears meanwhile is kept', async () => {
    const it = await openUploaded();
    const target = join(it.folder, 'late.tif');
    it.sandbox.inject({ on: 'storage.get', do: { status: 503 } });
    const writing: Promise<void>[] = [];
    const answer = await it.call(
      'download_asset_to_path',
      { item_id: it.itemId, asset_id: it.assetKey, path: target },
      { onprogress: () => writing.push(writeFile(target, 'theirs', { flag: 'w' })) },
    );
    await Promise.all(writing);
    // Whether the other file came before or after is a race; a mixture is what may never be.
    const content = await readFile(target);
    if (answer.isError) expect(answer.errorCode).toBe('target_exists');
    expect([it.bytes.toString('hex'), Buffer.from('theirs').toString('hex')]).toContain(
      content.toString('hex'),
    );
  });

  const transient: readonly Fault[] = [
    { on: 'storage.get', do: { expire: true } },
    { on: 'items.asset.download', do: { expire: true } },
    { on: 'storage.get', do: { status: 503, retry_after: 1 } },
    { on: 'storage.get', do: { cut_after_bytes: 500 } },
    { on: 'storage.get', do: { lie: 'checksum' } },
    { on: 'items.asset.download', do: { status: 502 } },
    { on: 'items.asset.download', do: { status: 429, retry_after: 0 } },
  ];

  it.each(transient)('gets over $on: $do', async (fault) => {
    const it = await openUploaded();
    it.sandbox.inject(fault);
    const answer = await it.call('download_asset_to_path', {
      item_id: it.itemId,
      asset_id: it.assetKey,
      path: 'back.tif',
    });
    expect(answer.isError, answer.text).toBe(false);
    expect(await readFile(join(it.folder, 'back.tif'))).toEqual(it.bytes);
  });

  const lasting: readonly [Fault['do'], string][] = [
    [{ cut_after_bytes: 500 }, 'connection_lost'],
    [{ lie: 'checksum' }, 'checksum_mismatch'],
    [{ status: 404 }, 'storage_refused'],
    [{ status: 500 }, 'storage_unavailable'],
    [{ expire: true }, 'url_expired'],
  ];

  it.each(lasting)('leaves nothing behind after %j', async (fault, code) => {
    const it = await openUploaded();
    it.sandbox.inject({ on: 'storage.get', times: 100, do: fault });
    const before = await it.files();
    const answer = await it.call('download_asset_to_path', {
      item_id: it.itemId,
      asset_id: it.assetKey,
      path: 'back.tif',
    });
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    expect(answer.text).not.toContain('X-Goog-Signature');
    expect(await it.files()).toEqual(before);
  });

  it('is stopped by the egress limit, with words for it', async () => {
    const it = await openUploaded({ sandbox: { egressBytes: 10 } });
    const answer = await it.call('download_asset_to_path', {
      item_id: it.itemId,
      asset_id: it.assetKey,
      path: 'back.tif',
    });
    expect(answer).toMatchObject({ isError: true, errorCode: 'rate_limited' });
    expect(answer.text).toMatch(/egress limit/i);
    expect(await it.files()).toEqual(['harbour.tif']);
  });

  it('a cancelled download leaves nothing behind', async () => {
    const it = await openUploaded();
    it.sandbox.inject({ on: 'storage.get', do: { stall_after_bytes: 100 } });
    const stop = new AbortController();
    const call = it.call(
      'download_asset_to_path',
      { item_id: it.itemId, asset_id: it.assetKey, path: 'back.tif' },
      { signal: stop.signal, onprogress: () => stop.abort() },
    );
    await expect(call).rejects.toThrow();
    await it.mcp.drain();
    expect(await it.files()).toEqual(['harbour.tif']);
  });

  it('writes only into allowed folders that exist', async () => {
    const it = await openUploaded();
    for (const path of ['/tmp/out.tif', '../out.tif', 'no/such/folder/out.tif', it.folder]) {
      const answer = await it.call('download_asset_to_path', {
        item_id: it.itemId,
        asset_id: it.assetKey,
        path,
      });
      expect(answer.errorCode, path).toMatch(/^path_/);
    }
  });
});

describe('download_clip_to_path', () => {
  it.each(['json', 'redirect', 'bytes'] as const)(
    'saves the clip where the API answers with %s',
    async (clipDownload) => {
      const it = await openUploaded({ sandbox: { clipDownload } });
      const jobId = await startClip(it);
      const answer = await it.call('download_clip_to_path', { job_id: jobId, path: 'clip.tif' });
      expect(answer.isError, answer.text).toBe(false);
      expect(answer.facts).toMatchObject({ mosaic_type: it.assetKey });
      const tiff = await fromFile(join(it.folder, 'clip.tif'));
      const image = await tiff.getImage();
      expect([image.getWidth(), image.getHeight()]).toEqual([30, 20]);
      await tiff.close();
      expect(it.sandbox.state().credentials_seen_by_storage).toBe(0);
    },
  );

  it('names the files of a job that has several, and downloads nothing', async () => {
    const it = await openUploaded();
    await it.call('upload_local_file', {
      path: it.path,
      project_id: it.sandbox.projectId,
      target_item_id: it.itemId,
      asset_key: 'second',
    });
    const jobId = await startClip(it);
    const open = await it.call('download_clip_to_path', { job_id: jobId, path: 'clip.tif' });
    expect(open).toMatchObject({ isError: true, errorCode: 'mosaic_not_chosen' });
    expect(open.text).toContain('second');
    expect(await it.files()).toEqual(['harbour.tif']);
    const chosen = await it.call('download_clip_to_path', {
      job_id: jobId,
      mosaic_type: 'second',
      path: 'clip.tif',
    });
    expect(chosen.isError, chosen.text).toBe(false);
  });

  it('waits for a job that is still running', async () => {
    const it = await openUploaded({ sandbox: { clipSteps: 6 } });
    const jobId = await startClip(it);
    const messages: (string | undefined)[] = [];
    const answer = await it.call(
      'download_clip_to_path',
      { job_id: jobId, path: 'clip.tif' },
      { onprogress: ({ message }) => messages.push(message) },
    );
    expect(answer.isError, answer.text).toBe(false);
    expect(messages).toContain('Clip job is running');
  });

  it('an unknown job is an error that says so', async () => {
    const it = await openUploaded();
    const answer = await it.call('download_clip_to_path', { job_id: 'job_none', path: 'c.tif' });
    expect(answer).toMatchObject({ isError: true, errorCode: 'not_found' });
  });
});

describe('clip_job_download as a bare operation', () => {
  it.each([
    ['json', { url: expect.stringMatching(/^http/) }],
    ['redirect', { url: expect.stringMatching(/^http/) }],
    [
      'bytes',
      {
        media_type: 'image/tiff',
        geopera_mcp: { says: expect.stringContaining('download_clip_to_path') },
      },
    ],
  ] as const)('answers %s without keeping bytes', async (clipDownload, facts) => {
    const it = await openUploaded({ sandbox: { clipDownload, clipSteps: 1 } });
    const jobId = await startClip(it);
    await it.call('clip_job_get', { job_id: jobId });
    await it.call('clip_job_downloads', { job_id: jobId });
    const answer = await it.call('clip_job_download', {
      job_id: jobId,
      mosaic_type: it.assetKey,
    });
    expect(answer.isError, answer.text).toBe(false);
    expect(answer.facts).toMatchObject(facts);
  });
});

describe('allowed folders', () => {
  it('are none where the client offers roots and does not name them', async () => {
    world = await startWorld({
      roots: () => {
        throw new Error('the host is busy');
      },
    });
    const answer = await world.call('upload_local_file', { path: 'a.tif', project_id: 'p' });
    expect(answer).toMatchObject({ isError: true, errorCode: 'path_outside' });
    expect(answer.text).toContain('No folder is allowed');
  });

  it("are the client's roots where the operator names none", async () => {
    const it = await openUploaded({ roots: (folder) => [pathToFileURL(folder).href] });
    const outside = join(it.folder, '..', 'elsewhere');
    await mkdir(outside);
    const answer = await it.call('download_asset_to_path', {
      item_id: it.itemId,
      asset_id: it.assetKey,
      path: join(outside, 'a.tif'),
    });
    expect(answer).toMatchObject({ isError: true, errorCode: 'path_outside' });
    expect(answer.text).toContain(it.folder);
  });
});

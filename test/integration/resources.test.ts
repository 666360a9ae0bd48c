import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { writeBytes, writeScene } from '../scene.ts';
import { HeldClock } from './held_clock.ts';
import { startWorld, uploadFacts, type World, type WorldOptions } from './world.ts';

const NOT_FOUND = { code: -32002 };

let world: World | undefined;

afterEach(async () => {
  await world?.mcp.drain();
  await world?.close();
  world = undefined;
});

async function open(options?: WorldOptions): Promise<World> {
  world = await startWorld(options);
  return world;
}

/** Uploads a file of the allowed folder and answers the new item's id. */
async function upload(it: World, path: string): Promise<string> {
  const args = { path, project_id: it.sandbox.projectId };
  const { facts } = await it.call('upload_local_file', args);
  const [itemId] = uploadFacts.parse(facts).item_ids;
  if (itemId === undefined) throw new Error('no item was made');
  return itemId;
}

/** Uploads a file, downloads it again under another name, and answers the new path. */
async function bringBack(it: World, source: string, name: string): Promise<string> {
  const item_id = await upload(it, source);
  const path = join(it.folder, name);
  const answer = await it.call('download_asset_to_path', { item_id, asset_id: 'data', path });
  expect(answer.facts).toMatchObject({ status: 'completed', path });
  return path;
}

async function readJson({ client }: World, uri: string): Promise<unknown> {
  const { contents } = await client.readResource({ uri });
  const [content] = z.array(z.object({ uri: z.literal(uri), text: z.string() })).parse(contents);
  return JSON.parse(content?.text ?? '');
}

const transferIdOf = (facts: unknown) => z.object({ transfer_id: z.string() }).parse(facts);

/** A busy machine may take its time. */
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

describe('an item', () => {
  it('is read with its assets', async () => {
    const it = await open();
    const itemId = await upload(it, await writeScene(it.folder, 'harbour.tif'));
    expect(await readJson(it, `geopera://items/${itemId}`)).toMatchObject({
      item: { id: itemId, project_id: it.sandbox.projectId },
      assets: [{ key: 'data' }],
    });
  });

  it.each([
    'geopera://items/none',
    'geopera://items/',
    'geopera://items/a/b',
    'geopera://items/%',
    'geopera://nothing/a',
  ])('%s is not found', async (uri) => {
    const it = await open();
    await expect(it.client.readResource({ uri })).rejects.toMatchObject(NOT_FOUND);
    await expect(it.client.subscribeResource({ uri })).rejects.toMatchObject(NOT_FOUND);
  });

  it('of others is not found, though it may be subscribed to', async () => {
    const it = await open();
    const uri = 'https://geopera.com/';
    await expect(it.client.readResource({ uri })).rejects.toMatchObject(NOT_FOUND);
    await it.client.subscribeResource({ uri });
  });

  it('is told why it cannot be read, as a tool would', async () => {
    const it = await open({ token: () => undefined });
    await expect(it.client.readResource({ uri: 'geopera://items/a' })).rejects.toThrow(
      /GEOPERA_API_TOKEN/,
    );
  });

  it('may be watched', async () => {
    const it = await open();
    const uri = `geopera://items/${await upload(it, await writeScene(it.folder, 'a.tif'))}`;
    await it.client.subscribeResource({ uri });
    await it.client.unsubscribeResource({ uri });
  });
});

describe('templates', () => {
  it('are one for items and one for transfers', async () => {
    const it = await open();
    const { resourceTemplates } = await it.client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'geopera://items/{item_id}',
      'geopera://transfers/{transfer_id}',
    ]);
  });

  it('are completed with what the caller has', async () => {
    const it = await open();
    const itemId = await upload(it, await writeScene(it.folder, 'a.tif'));
    const complete = async (uri: string, name: string, value: string) => {
      const ref = { type: 'ref/resource' as const, uri };
      return (await it.client.complete({ ref, argument: { name, value } })).completion.values;
    };
    const items = 'geopera://items/{item_id}';
    expect(await complete(items, 'item_id', itemId.slice(0, 4))).toEqual([itemId]);
    expect(await complete(items, 'item_id', `${itemId}x`)).toEqual([]);
    expect(await complete(items, 'project_id', '')).toEqual([]);
    expect(await complete('geopera://transfers/{transfer_id}', 'transfer_id', 't_')).toHaveLength(
      1,
    );
    expect(await complete('geopera://other/{item_id}', 'item_id', '')).toEqual([]);
  });
});

describe('a transfer', () => {
  it('is listed and read as transfer_status answers it', async () => {
    const it = await open();
    await upload(it, await writeScene(it.folder, 'harbour.tif'));
    const { resources } = await it.client.listResources();
    expect(resources).toMatchObject([
      { title: 'upload of harbour.tif', description: expect.stringContaining('completed') },
    ]);
    const [listed] = resources;
    const { transfer_id } = transferIdOf({ transfer_id: listed?.name });
    const status = await it.call('transfer_status', { transfer_id });
    expect(await readJson(it, `geopera://transfers/${transfer_id}`)).toEqual(status.facts);
  });

  it('that failed says why, and reading it does not count as having heard', async () => {
    const it = await open();
    const path = await writeScene(it.folder, 'harbour.tif');
    const args = { path, project_id: it.sandbox.projectId };
    it.sandbox.inject({ on: 'storage.put', do: { status: 412 } });
    const started = await it.call('upload_local_file', { ...args, wait_seconds: 0 });
    const uri = `geopera://transfers/${transferIdOf(started.facts).transfer_id}`;
    await eventually(async () =>
      expect(await readJson(it, uri)).toMatchObject({
        status: 'failed',
        error: { code: 'storage_refused', retryable: false },
      }),
    );
    const again = await it.call('upload_local_file', args);
    expect(again.text).toContain('The same call, made before, failed');
  });

  it('of another id is not found', async () => {
    const it = await open();
    const uri = 'geopera://transfers/t_none';
    await expect(it.client.readResource({ uri })).rejects.toMatchObject(NOT_FOUND);
    await expect(it.client.subscribeResource({ uri })).rejects.toMatchObject(NOT_FOUND);
  });

  it('tells a subscriber of its end, and one that nobody heard of is told to the log', async () => {
    const clock = new HeldClock();
    const it = await open({ engineClock: clock });
    const updated: string[] = [];
    const told: unknown[] = [];
    it.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      updated.push(params.uri);
    });
    it.client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      told.push(params);
    });
    await it.client.setLoggingLevel('info');
    it.sandbox.inject({ on: 'storage.put', do: { status: 503 } });
    const path = await writeScene(it.folder, 'harbour.tif');
    const args = { path, project_id: it.sandbox.projectId, wait_seconds: 0 };
    const { transfer_id } = transferIdOf((await it.call('upload_local_file', args)).facts);
    const uri = `geopera://transfers/${transfer_id}`;
    expect(await readJson(it, uri)).toMatchObject({ status: 'running', transfer_id });
    await it.client.subscribeResource({ uri });
    expect(updated).toEqual([]);
    clock.open();
    await eventually(async () => {
      expect(await readJson(it, uri)).toMatchObject({ status: 'completed' });
      expect(new Set(updated)).toEqual(new Set([uri]));
    });
    await eventually(() =>
      expect(told).toMatchObject([{ level: 'info', data: expect.stringContaining(transfer_id) }]),
    );
  });
});

describe('a file', () => {
  it('that a download made is listed and read byte for byte', async () => {
    const it = await open();
    const source = await writeScene(it.folder, 'harbour.tif');
    const path = await bringBack(it, source, 'back again.tif');
    const uri = pathToFileURL(path).href;
    const bytes = await readFile(source);
    const { resources } = await it.client.listResources();
    expect(resources).toContainEqual(
      expect.objectContaining({ uri, name: 'back again.tif', size: bytes.length }),
    );
    const { contents } = await it.client.readResource({ uri });
    const [content] = z.array(z.object({ mimeType: z.string(), blob: z.string() })).parse(contents);
    expect(content?.mimeType).toBe('image/tiff');
    expect(Buffer.from(content?.blob ?? '', 'base64').equals(bytes)).toBe(true);
    await it.client.subscribeResource({ uri });
  });

  it('of text is read as text', async () => {
    const it = await open();
    const text = '{"type":"FeatureCollection","features":[],"name":"Größe"}\n';
    const source = join(it.folder, 'areas.geojson');
    await writeFile(source, text);
    const uri = pathToFileURL(await bringBack(it, source, 'back.geojson')).href;
    const { contents } = await it.client.readResource({ uri });
    expect(contents).toEqual([{ uri, mimeType: 'application/geo+json', text }]);
  });

  it('that was never downloaded is not found, though it is in an allowed folder', async () => {
    const it = await open();
    const source = await writeScene(it.folder, 'harbour.tif');
    await bringBack(it, source, 'back.tif');
    for (const path of [source, '/etc/hosts', it.folder]) {
      const uri = pathToFileURL(path).href;
      await expect(it.client.readResource({ uri })).rejects.toMatchObject(NOT_FOUND);
      await expect(it.client.subscribeResource({ uri })).rejects.toMatchObject(NOT_FOUND);
    }
  });

  it.each<[string, (path: string, folder: string) => Promise<unknown>]>([
    ['gone', (path) => rm(path)],
    ['of another size', (path) => writeFile(path, 'other')],
    [
      'a link to what it was',
      async (path, folder) => {
        await rename(path, join(folder, 'moved.tif'));
        await symlink(join(folder, 'moved.tif'), path);
      },
    ],
  ])('that is %s since is neither listed nor read', async (_, change) => {
    const it = await open();
    const path = await bringBack(it, await writeScene(it.folder, 'harbour.tif'), 'back.tif');
    await change(path, it.folder);
    const uri = pathToFileURL(path).href;
    const { resources } = await it.client.listResources();
    expect(resources.map((resource) => resource.uri)).not.toContain(uri);
    await expect(it.client.readResource({ uri })).rejects.toMatchObject(NOT_FOUND);
  });

  it('behind a folder that is a link by now is not read', async () => {
    const it = await open();
    const inner = join(it.folder, 'inner');
    await mkdir(inner);
    const source = await writeScene(it.folder, 'harbour.tif');
    const path = await bringBack(it, source, join('inner', 'back.tif'));
    await rename(inner, join(it.folder, 'outer'));
    await symlink(join(it.folder, 'outer'), inner);
    const uri = pathToFileURL(path).href;
    await expect(it.client.readResource({ uri })).rejects.toMatchObject(NOT_FOUND);
  });

  it('that is too large is refused with its path and size', async () => {
    const it = await open();
    const bytes = 7 * 1024 * 1024 + 1;
    const source = await writeBytes(it.folder, 'large.bin', bytes);
    const path = await bringBack(it, source, 'back.bin');
    const reading = it.client.readResource({ uri: pathToFileURL(path).href });
    await expect(reading).rejects.toThrow(`${path} has 7.3 MB (${bytes} bytes)`);
  });
});

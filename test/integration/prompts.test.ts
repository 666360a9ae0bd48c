import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { writeScene } from '../scene.ts';
import { startWorld, uploadFacts, type World, type WorldOptions } from './world.ts';

let world: World | undefined;

afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(options?: WorldOptions): Promise<World> {
  world = await startWorld(options);
  return world;
}

async function complete(
  { client }: World,
  prompt: string,
  argument: { readonly name: string; readonly value: string },
  known: Record<string, string> = {},
): Promise<readonly string[]> {
  const ref = { type: 'ref/prompt' as const, name: prompt };
  const { completion } = await client.complete({ ref, argument, context: { arguments: known } });
  return completion.values;
}

async function upload(it: World): Promise<string> {
  const path = await writeScene(it.folder, 'harbour.tif');
  const args = { path, project_id: it.sandbox.projectId };
  const { item_ids } = uploadFacts.parse((await it.call('upload_local_file', args)).facts);
  return item_ids[0] ?? '';
}

describe('prompts', () => {
  it('are listed with their arguments', async () => {
    const it = await open();
    const { prompts } = await it.client.listPrompts();
    const named = prompts.map((prompt) => [
      prompt.name,
      ...(prompt.arguments ?? []).map(({ name, required }) => (required ? name : `${name}?`)),
    ]);
    expect(named).toEqual([
      ['upload-imagery', 'project_id', 'path', 'collection_id?'],
      ['download-clip', 'item_id', 'area', 'path', 'assets?', 'project_id?'],
      ['save-clip', 'job_id', 'mosaic_type?', 'path'],
    ]);
  });

  it('lead through the tools, with what was filled in as data', async () => {
    const it = await open();
    const { messages } = await it.client.getPrompt({
      name: 'download-clip',
      arguments: { item_id: 'i', area: '1,2,3,4', path: 'a.tif', assets: 'visual, red' },
    });
    const [message] = messages;
    expect(messages).toHaveLength(1);
    const text = message?.content.type === 'text' ? message.content.text : '';
    const order = ['items.get', 'Ask whether', 'clip.create_from_item,', 'download_clip_to_path'];
    const places = order.map((words) => text.indexOf(words));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(text).toContain('"asset_keys":["visual","red"]');
  });

  it.each([
    ['upload-imagery', { project_id: 'p' }, /path: Required/],
    ['upload-imagery', { project_id: ' ', path: 'a' }, /project_id: Required/],
    ['upload-imagery', { project_id: 'p', path: 'a', other: 'b' }, /unknown argument other/],
    ['download-clip', { item_id: 'i', area: 'here', path: 'a' }, /area: neither/],
    ['nothing', {}, /no prompt of that name/],
  ])('%s refuses %j', async (name, args, words) => {
    const it = await open();
    const got = it.client.getPrompt({ name, arguments: { ...args } });
    await expect(got).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(words),
    });
  });
});

describe('arguments are completed', () => {
  it('with the project of the sandbox', async () => {
    const it = await open();
    const { projectId } = it.sandbox;
    const argument = { name: 'project_id', value: projectId.slice(0, 3) };
    expect(await complete(it, 'upload-imagery', argument)).toEqual([projectId]);
    expect(await complete(it, 'upload-imagery', { name: 'project_id', value: '?' })).toEqual([]);
    expect(await complete(it, 'upload-imagery', { name: 'item_id', value: '' })).toEqual([]);
    expect(await complete(it, 'nothing', argument)).toEqual([]);
  });

  it('with items of the project and assets of the item', async () => {
    const it = await open();
    const item_id = await upload(it);
    const known = { project_id: it.sandbox.projectId };
    const items = await complete(it, 'download-clip', { name: 'item_id', value: '' }, known);
    expect(items).toEqual([item_id]);
    const argument = { name: 'assets', value: 'thumbnail,d' };
    expect(await complete(it, 'download-clip', argument, { item_id })).toEqual(['thumbnail,data']);
  });

  it('with the files of the clip job', async () => {
    const it = await open({ sandbox: { clipSteps: 1 } });
    const started = await it.call('clip_create_from_item', {
      source_item_id: await upload(it),
      project_id: it.sandbox.projectId,
      aoi_geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [151.21, -33.82],
            [151.23, -33.82],
            [151.23, -33.81],
            [151.21, -33.82],
          ],
        ],
      },
    });
    const { job } = z.object({ job: z.object({ id: z.string() }) }).parse(started.facts);
    const known = { job_id: job.id };
    await it.call('clip_job_get', known);
    const argument = { name: 'mosaic_type', value: '' };
    expect(await complete(it, 'save-clip', argument, known)).toEqual(['data']);
  });

  it('with nothing where the API refuses', async () => {
    const it = await open({ token: () => undefined });
    const known = { project_id: 'p', item_id: 'i', job_id: 'j' };
    for (const [prompt, name] of [
      ['download-clip', 'item_id'],
      ['download-clip', 'assets'],
      ['save-clip', 'mosaic_type'],
    ] as const) {
      expect(await complete(it, prompt, { name, value: '' }, known)).toEqual([]);
    }
  });
});

import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { writeBytes, writeScene } from '../scene.ts';
import { everyTool } from '../unit/tools/every_tool.ts';
import { HeldClock } from './held_clock.ts';
import { type Connected, WAYS, type Way } from './ways.ts';
import {
  type Answer,
  answerOf,
  type CallOptions,
  type PreparedServer,
  prepareServer,
  uploadFacts,
  type WorldOptions,
} from './world.ts';

interface WayWorld extends PreparedServer, Connected {
  /** Waits of transfers pass at once, but while it is held. */
  readonly clock: HeldClock;
  call(tool: string, args: object, options?: CallOptions): Promise<Answer>;
}

async function startWorldOver(way: Way, options: WorldOptions = {}): Promise<WayWorld> {
  const clock = new HeldClock();
  clock.open();
  const prepared = await prepareServer({ ...options, engineClock: clock, resumes: true });
  const connected = await way.connect(prepared);
  // From now on the client checks each answer against the tool's output schema.
  await connected.client.listTools();
  return {
    ...prepared,
    ...connected,
    clock,
    call: async (tool, args, callOptions = {}) =>
      answerOf(await connected.callTool(tool, args, callOptions)),
    async close() {
      await connected.close();
      await prepared.close();
    },
  };
}

const transferId = z.object({ transfer_id: z.string() });
const clipFacts = z.object({ job: z.object({ id: z.string() }) });

/** A busy machine may take its time. */
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

describe.each(WAYS)('over $name', (way) => {
  const { remembers } = way;
  let world: WayWorld;
  /** An item made of it is in the project. */
  let scene: string;
  let itemId: string;

  beforeAll(async () => {
    world = await startWorldOver(way);
    scene = await writeScene(world.folder, 'harbour.tif');
    const answer = await upload(scene);
    itemId = uploadFacts.parse(answer.facts).item_ids[0] ?? '';
  });

  afterAll(() => world.close());

  const upload = (path: string, args: object = {}, options?: CallOptions) =>
    world.call(
      'upload_local_file',
      { path, project_id: world.sandbox.projectId, ...args },
      options,
    );

  const session = (id: unknown) => world.sandbox.state().sessions.find((one) => one.id === id);
  const lastSession = () => world.sandbox.state().sessions.at(-1);

  /** From now on waits of transfers are held, until the answered function is called or the test ends. */
  function holdTransfers(): () => void {
    world.clock.hold();
    const letGo = () => world.clock.open();
    onTestFinished(letGo);
    return letGo;
  }

  /** An upload whose first PUT was refused for now, and whose next one waits. */
  async function heldUpload(name: string) {
    const letGo = holdTransfers();
    const path = await writeScene(world.folder, name);
    world.sandbox.inject({ on: 'storage.put', do: { status: 503 } });
    const { facts } = await upload(path, { wait_seconds: 0 });
    expect(facts).toMatchObject({ status: 'running' });
    return { path, letGo, ...transferId.parse(facts) };
  }

  describe('a server', () => {
    it('says what it is for, and which tools it has', async () => {
      await world.client.ping();
      expect(world.client.getInstructions()).toContain('Geopera');
      const { tools } = await world.client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([...everyTool(way.access).keys()]);
    });

    it.skipIf(remembers)('says that a client can set no level for a log', async () => {
      await expect(world.client.setLoggingLevel('error')).rejects.toThrow();
    });

    it.runIf(remembers)('lets a client set the level of what it is told', async () => {
      expect(await world.client.setLoggingLevel('error')).toEqual({});
    });
  });

  describe('what goes wrong', () => {
    it('in a tool is said in words, and in a code', async () => {
      const answer = await upload('/etc/hosts');
      expect(answer).toMatchObject({ isError: true, errorCode: 'path_outside' });
      expect(answer.text).toContain(world.folder);
    });

    it('with arguments is said too', async () => {
      const answer = await world.call('upload_local_file', { file: scene });
      expect(answer).toMatchObject({ isError: true, errorCode: 'invalid_arguments' });
      expect(answer.text).toContain('project_id');
    });

    it('with a name that no tool has is an error of the protocol', async () => {
      await expect(world.call('no_such_tool', {})).rejects.toMatchObject({ code: -32602 });
    });
  });

  describe('an upload', () => {
    it('becomes an item, and says what was verified', async () => {
      const path = await writeScene(world.folder, 'hafen_über_alles 2024.tif');
      const answer = await upload(path);
      expect(answer.isError, answer.text).toBe(false);
      expect(JSON.parse(answer.text)).toEqual(answer.facts);
      expect(answer.facts).toMatchObject({
        status: 'completed',
        files: [{ file_name: basename(path), verified: 'crc32c' }],
      });
      const { upload_id, item_ids } = uploadFacts.parse(answer.facts);
      expect(session(upload_id)).toMatchObject({ status: 'completed', item_ids });
      const item = await world.call('items_get', { item_id: item_ids[0] });
      expect(item.facts).toMatchObject({ item: { id: item_ids[0], upload_id } });
    });

    it('tells its progress, rising to the total', async () => {
      const path = await writeBytes(world.folder, 'progress.bin', 3_000_000);
      const seen: Progress[] = [];
      await upload(path, {}, { onprogress: (progress) => void seen.push(progress) });
      expect(seen.every(({ total }) => total === 3_000_000)).toBe(true);
      expect(seen.at(-1)?.progress).toBe(3_000_000);
      const values = seen.map(({ progress }) => progress);
      expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
    });

    it('is one of several at a time, each with an answer and a progress of its own', async () => {
      const sizes = [1_000_000, 1_000_001, 1_000_002];
      await Promise.all(
        sizes.map(async (size) => {
          const path = await writeBytes(world.folder, `${size}.bin`, size);
          const totals = new Set<number | undefined>();
          const answer = await upload(
            path,
            {},
            { onprogress: ({ total }) => void totals.add(total) },
          );
          expect(answer.facts).toMatchObject({
            bytes: size,
            files: [{ file_name: `${size}.bin` }],
          });
          expect([...totals]).toEqual([size]);
        }),
      );
    });

    it('gets over trouble of storage', async () => {
      const path = await writeScene(world.folder, 'trouble.tif');
      world.sandbox.inject({ on: 'storage.put', do: { cut_after_bytes: 100 } });
      expect((await upload(path)).facts).toMatchObject({ status: 'completed' });
    });

    it('that fails releases what it reserved, once', async () => {
      const path = await writeScene(world.folder, 'refused.tif');
      world.sandbox.inject({ on: 'storage.put', do: { status: 412 } });
      const answer = await upload(path);
      expect(answer).toMatchObject({ isError: true, errorCode: 'storage_refused' });
      expect(answer.text).toMatch(/reserved storage of upload session \S+ was released/);
      expect(lastSession()).toMatchObject({ status: 'failed', calls: { 'uploads.fail': 1 } });
      expect(world.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
    });
  });

  describe('a download', () => {
    it('is whole, verified, and linked', async () => {
      const path = join(world.folder, 'back.tif');
      const args = { item_id: itemId, asset_id: 'data', path };
      const answer = await world.call('download_asset_to_path', args);
      expect(answer.facts).toMatchObject({ path, verified: 'crc32c', media_type: 'image/tiff' });
      expect(answer.content).toContainEqual(
        expect.objectContaining({ type: 'resource_link', uri: pathToFileURL(path).href }),
      );
      expect((await readFile(path)).equals(await readFile(scene))).toBe(true);
    });

    it('goes on from what an earlier one saved', async () => {
      const path = await writeBytes(world.folder, 'big.bin', 1_000_000);
      const [item_id] = uploadFacts.parse((await upload(path)).facts).item_ids;
      // No watchdog ends the silence before the test does.
      const letGo = holdTransfers();
      world.sandbox.inject({ on: 'storage.get', do: { stall_after_bytes: 800_000 } });
      const back = join(world.folder, 'big_back.bin');
      const args = { item_id, asset_id: 'data', path: back };
      const begun = await world.call('download_asset_to_path', { ...args, wait_seconds: 0 });
      const { transfer_id } = transferId.parse(begun.facts);
      await eventually(async () => {
        const { facts } = await world.call('transfer_status', { transfer_id, wait_seconds: 0 });
        expect(facts['bytes_done']).toBeGreaterThan(400_000);
      });
      const stopped = await world.call('transfer_cancel', { transfer_id, keep_partial: true });
      expect(stopped.facts).toMatchObject({ status: 'cancelled', partial_kept: true });
      letGo();
      const whole = await world.call('download_asset_to_path', args);
      expect(whole.facts['resumed_bytes']).toBeGreaterThan(400_000);
      expect((await readFile(back)).equals(await readFile(path))).toBe(true);
    });

    it('of a clip waits for its job', async () => {
      const ring = [
        [151.21, -33.84],
        [151.24, -33.84],
        [151.24, -33.82],
        [151.21, -33.82],
        [151.21, -33.84],
      ];
      const created = await world.call('clip_create_from_item', {
        source_item_id: itemId,
        project_id: world.sandbox.projectId,
        aoi_geometry: { type: 'Polygon', coordinates: [ring] },
      });
      const job_id = clipFacts.parse(created.facts).job.id;
      const clip = await world.call('download_clip_to_path', { job_id, path: 'clip.tif' });
      expect(clip.isError, clip.text).toBe(false);
      expect(await readdir(world.folder)).toContain('clip.tif');
    });
  });

  describe('a transfer that takes longer than its call waits', () => {
    it('is followed to its outcome', async () => {
      const { transfer_id, letGo } = await heldUpload('followed.tif');
      const still = await world.call('transfer_status', { transfer_id, wait_seconds: 0 });
      expect(still.facts).toMatchObject({ status: 'running', transfer_id });
      letGo();
      const answer = await world.call('transfer_status', { transfer_id });
      expect(answer.facts).toMatchObject({
        status: 'completed',
        transfer_id,
        files: [{ file_name: 'followed.tif' }],
      });
    });

    it('is joined by the same call', async () => {
      const { path, transfer_id, letGo } = await heldUpload('joined.tif');
      const again = await upload(path, { wait_seconds: 0 });
      expect(again.facts).toMatchObject({ status: 'running', transfer_id });
      letGo();
      expect((await upload(path)).facts).toMatchObject({ status: 'completed', transfer_id });
    });

    it('is stopped by transfer_cancel, and released', async () => {
      const { transfer_id } = await heldUpload('stopped.tif');
      await eventually(() => expect(lastSession()?.calls['uploads.signed_url']).toBe(1));
      const answer = await world.call('transfer_cancel', { transfer_id });
      expect(answer.facts).toMatchObject({
        status: 'cancelled',
        reservation: 'released',
        upload_id: lastSession()?.id,
      });
      expect(lastSession()).toMatchObject({ status: 'failed', calls: { 'uploads.fail': 1 } });
    });

    it('goes on when its client waits no longer', async () => {
      const letGo = holdTransfers();
      const path = await writeScene(world.folder, 'patience.tif');
      world.sandbox.inject({ on: 'storage.put', do: { status: 503 } });
      await expect(upload(path, {}, { timeout: 50 })).rejects.toThrow(/timed out/);
      const again = await upload(path, { wait_seconds: 0 });
      expect(again.facts).toMatchObject({ status: 'running' });
      letGo();
      expect((await upload(path)).facts).toMatchObject({ status: 'completed' });
      expect(lastSession()?.calls['uploads.fail'] ?? 0).toBe(0);
    });

    it('is undone when its client cancels, where that is heard', async () => {
      const letGo = holdTransfers();
      const path = await writeScene(world.folder, 'cancelled.tif');
      world.sandbox.inject({ on: 'storage.put', do: { status: 503 } });
      const stop = new AbortController();
      const before = world.sandbox.state().sessions.length;
      const call = upload(path, {}, { signal: stop.signal });
      const rejected = expect(call).rejects.toThrow();
      await eventually(() => expect(world.sandbox.state().sessions).toHaveLength(before + 1));
      await eventually(() => expect(lastSession()?.calls['uploads.signed_url']).toBe(1));
      stop.abort();
      await rejected;
      if (remembers) {
        await eventually(() => expect(lastSession()).toMatchObject({ status: 'failed' }));
      } else {
        letGo();
        expect((await upload(path)).facts).toMatchObject({ status: 'completed' });
      }
      expect(lastSession()?.calls['uploads.fail'] ?? 0).toBe(remembers ? 1 : 0);
      expect(world.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
    });
  });

  describe('resources', () => {
    it('are listed, and read by their URI', async () => {
      const path = await writeScene(world.folder, 'listed.tif');
      const { transfer_id } = transferId.parse((await upload(path)).facts);
      const { resources } = await world.client.listResources();
      const listed = resources.find(({ name }) => name === transfer_id);
      const uri = `geopera://transfers/${transfer_id}`;
      expect(listed).toMatchObject({ uri, mimeType: 'application/json' });
      const { contents } = await world.client.readResource({ uri });
      expect(contents).toMatchObject([{ uri, text: expect.stringContaining('"completed"') }]);
    });

    it('that are not there are an error of the protocol', async () => {
      const uri = 'geopera://transfers/none';
      await expect(world.client.readResource({ uri })).rejects.toThrow(/-32002/);
    });

    it.runIf(remembers)('tell who watches them of a change', async () => {
      const { transfer_id, letGo } = await heldUpload('watched.tif');
      const uri = `geopera://transfers/${transfer_id}`;
      const changed = vi.fn();
      world.onResourceChanged(changed);
      await world.client.subscribeResource({ uri });
      letGo();
      await eventually(() => expect(changed).toHaveBeenCalledWith(uri));
    });

    it.skipIf(remembers)('cannot be watched by a client that is not remembered', async () => {
      const uri = `geopera://items/${itemId}`;
      await expect(world.client.subscribeResource({ uri })).rejects.toThrow();
    });
  });

  describe('prompts', () => {
    it('are filled in', async () => {
      const { prompts } = await world.client.listPrompts();
      expect(prompts.map(({ name }) => name)).toContain('download-clip');
      const { messages } = await world.client.getPrompt({
        name: 'download-clip',
        arguments: { item_id: itemId, area: '151.21,-33.84,151.24,-33.82', path: 'clip.tif' },
      });
      expect(messages).toMatchObject([
        { role: 'user', content: { type: 'text', text: expect.stringContaining(itemId) } },
      ]);
    });

    it('that are not there are an error of the protocol', async () => {
      const unknown = world.client.getPrompt({ name: 'no-such-prompt' });
      await expect(unknown).rejects.toMatchObject({ code: -32602 });
    });

    it('have their arguments completed', async () => {
      const { completion } = await world.client.complete({
        ref: { type: 'ref/prompt', name: 'download-clip' },
        argument: { name: 'item_id', value: itemId.slice(0, -1) },
      });
      expect(completion.values).toContain(itemId);
    });
  });

  describe('a server of its own', () => {
    async function open(options?: WorldOptions): Promise<WayWorld> {
      const own = await startWorldOver(way, options);
      onTestFinished(() => own.close());
      return own;
    }

    it.runIf(way.asksForRoots)('asks its client for the folders that are allowed', async () => {
      const own = await open({ roots: (folder) => [pathToFileURL(folder).href] });
      const project_id = own.sandbox.projectId;
      const path = await writeScene(own.folder, 'a.tif');
      const inside = await own.call('upload_local_file', { path, project_id });
      expect(inside.facts).toMatchObject({ status: 'completed' });
      const elsewhere = join(own.folder, '..', 'elsewhere');
      await mkdir(elsewhere);
      const outside = { path: await writeScene(elsewhere, 'a.tif'), project_id };
      expect(await own.call('upload_local_file', outside)).toMatchObject({
        errorCode: 'path_outside',
      });
    });

    it('leaves nothing open when it stops', async () => {
      const own = await open();
      own.clock.hold();
      own.sandbox.inject({ on: 'storage.put', do: { status: 503 } });
      const path = await writeScene(own.folder, 'a.tif');
      const project_id = own.sandbox.projectId;
      await own.call('upload_local_file', { path, project_id, wait_seconds: 0 });
      const sessions = () => own.sandbox.state().sessions;
      await eventually(() => expect(sessions()[0]?.calls['uploads.signed_url']).toBe(1));
      await own.stopServer();
      expect(own.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
      expect(sessions()).toMatchObject([{ status: 'failed', calls: { 'uploads.fail': 1 } }]);
    });
  });
});

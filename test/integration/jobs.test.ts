import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { writeBytes, writeScene } from '../scene.ts';
import { HeldClock } from './held_clock.ts';
import { type Answer, startWorld, uploadFacts, type World, type WorldOptions } from './world.ts';

const running = z.object({
  status: z.literal('running'),
  transfer_id: z.string(),
  bytes_done: z.number(),
  bytes_total: z.number().optional(),
  next: z.string(),
});
const listing = z.object({
  transfers: z.array(z.object({ transfer_id: z.string(), status: z.string() }).passthrough()),
});

let world: World | undefined;

afterEach(async () => {
  await world?.mcp.drain();
  await world?.close();
  world = undefined;
});

interface Opened extends World {
  /** A scene in the allowed folder. */
  readonly path: string;
  /** What an upload of the scene takes. */
  readonly scene: { readonly path: string; readonly project_id: string };
}

async function open(options?: WorldOptions): Promise<Opened> {
  world = await startWorld(options);
  const path = await writeScene(world.folder, 'harbour.tif');
  return { ...world, path, scene: { path, project_id: world.sandbox.projectId } };
}

/** A world in which the first PUT is refused for now, and its repetition waits until `letGo`. */
async function openHeld(options?: WorldOptions): Promise<Opened & { letGo(): void }> {
  const clock = new HeldClock();
  const it = await open({ ...options, engineClock: clock });
  it.sandbox.inject({ on: 'storage.put', do: { status: 503 } });
  return { ...it, letGo: () => clock.open() };
}

const at = (answer: Answer) => running.parse(answer.facts);
const sessions = ({ sandbox }: World) => sandbox.state().sessions;
const fails = (it: World) =>
  sessions(it).reduce((sum, { calls }) => sum + (calls['uploads.fail'] ?? 0), 0);

async function listed(it: World) {
  return listing.parse((await it.call('transfer_status', {})).facts).transfers;
}

/** A busy machine may take its time. */
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

/** Resolves when the only transfer has ended, which nobody has heard of. */
async function endsUnheard(it: World, state: string): Promise<void> {
  await eventually(async () => expect(await listed(it)).toMatchObject([{ status: state }]));
}

describe('a transfer that takes longer than its call waits', () => {
  it('is answered as running, and its outcome comes whole from transfer_status', async () => {
    const it = await openHeld();
    const { length } = await readFile(it.path);
    const started = at(await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }));
    expect(started).toMatchObject({ bytes_done: 0, bytes_total: length });
    expect(started.next).toContain(`transfer_status with transfer_id ${started.transfer_id}`);
    const { transfer_id } = started;
    const still = at(await it.call('transfer_status', { transfer_id, wait_seconds: 0 }));
    expect(still.transfer_id).toBe(transfer_id);
    it.letGo();
    const answer = await it.call('transfer_status', { transfer_id });
    expect(answer).toMatchObject({
      isError: false,
      facts: { status: 'completed', transfer_id, bytes: length },
    });
    const [session] = sessions(it);
    expect(uploadFacts.parse(answer.facts)).toMatchObject({
      upload_id: session?.id,
      item_ids: session?.item_ids,
      files: [{ file_name: 'harbour.tif' }],
    });
  });

  it('that fails meanwhile tells transfer_status what it would have told its call', async () => {
    const it = await openHeld();
    const { transfer_id } = at(
      await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }),
    );
    it.sandbox.inject({ on: 'storage.put', times: 9, do: { status: 412 } });
    it.letGo();
    const answer = await it.call('transfer_status', { transfer_id });
    expect(answer).toMatchObject({ isError: true, errorCode: 'storage_refused' });
    expect(answer.text).toMatch(/reserved storage of upload session \S+ was released/);
    expect(await listed(it)).toMatchObject([{ transfer_id, status: 'failed' }]);
  });

  it('gives a download with its link to the file', async () => {
    const it = await open();
    const upload = await it.call('upload_local_file', it.scene);
    const [item_id] = uploadFacts.parse(upload.facts).item_ids;
    const path = join(it.folder, 'back.tif');
    const args = { item_id, asset_id: 'data', path, wait_seconds: 0 };
    const { transfer_id } = at(await it.call('download_asset_to_path', args));
    const answer = await it.call('transfer_status', { transfer_id });
    expect(answer.facts).toMatchObject({ status: 'completed', transfer_id, path });
    expect(answer.content[1]).toMatchObject({ type: 'resource_link', name: 'back.tif' });
    expect((await readFile(path)).equals(await readFile(it.path))).toBe(true);
  });
});

describe('what can be judged at once is the error of the call itself', () => {
  it.each([
    ['a path outside', { path: '/etc/hosts' }, 'path_outside'],
    ['a file that is not there', { path: 'none.tif' }, 'path_missing'],
    ['arguments', { wait_seconds: 601 }, 'invalid_arguments'],
  ])('%s', async (_, args, code) => {
    const it = await open();
    const answer = await it.call('upload_local_file', { ...it.scene, wait_seconds: 0, ...args });
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    expect(await listed(it)).toEqual([]);
  });

  it('a missing scope', async () => {
    const it = await open({
      token: (sandbox) => sandbox.issueToken({ scopes: ['items:*'], showScopes: true }),
    });
    const answer = await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 });
    expect(answer).toMatchObject({ isError: true, errorCode: 'missing_scope' });
    expect(await listed(it)).toEqual([]);
  });

  it('a target that exists', async () => {
    const it = await open();
    const args = { item_id: 'i', asset_id: 'a', path: it.path, wait_seconds: 0 };
    const answer = await it.call('download_asset_to_path', args);
    expect(answer).toMatchObject({ isError: true, errorCode: 'path_exists' });
    expect(await listed(it)).toEqual([]);
  });
});

describe('the same call again', () => {
  it('joins the transfer that runs, also under the other name of the same thing', async () => {
    const it = await openHeld();
    const now = { wait_seconds: 0 };
    const first = at(await it.call('upload_local_file', { ...it.scene, ...now }));
    const { path, project_id } = it.scene;
    const calls = [
      it.call('upload_local_file', { ...it.scene, ...now }),
      it.call('upload_local_files', { paths: [path], project_id, ...now }),
    ];
    for (const answer of await Promise.all(calls)) {
      expect(at(answer).transfer_id).toBe(first.transfer_id);
    }
    it.letGo();
    expect(await it.call('upload_local_file', it.scene)).toMatchObject({
      facts: { status: 'completed', transfer_id: first.transfer_id },
    });
    expect(sessions(it)).toHaveLength(1);
  });

  it('with other arguments is another transfer', async () => {
    const it = await openHeld();
    const first = at(await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }));
    const other = { ...it.scene, file_name: 'other.tif', wait_seconds: 0 };
    const second = at(await it.call('upload_local_file', other));
    expect(second.transfer_id).not.toBe(first.transfer_id);
    it.letGo();
  });

  it('is given, once, the outcome that nobody has heard yet', async () => {
    const it = await open();
    const { transfer_id } = at(
      await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }),
    );
    await endsUnheard(it, 'completed');
    const again = await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 });
    expect(again.facts).toMatchObject({ status: 'completed', transfer_id });
    expect(again.facts['earlier_call']).toContain('Nothing was moved again');
    expect(sessions(it)).toHaveLength(1);
    const anew = await it.call('upload_local_file', it.scene);
    expect(anew.facts['earlier_call']).toBeUndefined();
    expect(sessions(it)).toHaveLength(2);
  });

  it('is not given one that transfer_status told', async () => {
    const it = await open();
    const { transfer_id } = at(
      await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }),
    );
    await it.call('transfer_status', { transfer_id });
    await it.call('upload_local_file', it.scene);
    expect(sessions(it)).toHaveLength(2);
  });

  it('is not given the outcome of a file that was changed since', async () => {
    const it = await open();
    await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 });
    await endsUnheard(it, 'completed');
    await appendFile(it.path, 'more');
    await it.call('upload_local_file', it.scene);
    expect(sessions(it)).toHaveLength(2);
  });

  it('hears of a failure that nobody has heard of, and starts anew after that', async () => {
    const it = await open();
    it.sandbox.inject({ on: 'storage.put', do: { status: 412 } });
    await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 });
    await endsUnheard(it, 'failed');
    const again = await it.call('upload_local_file', it.scene);
    expect(again).toMatchObject({ isError: true, errorCode: 'storage_refused' });
    expect(again.text).toContain('The same call, made before, failed');
    expect(await it.call('upload_local_file', it.scene)).toMatchObject({ isError: false });
  });

  it('gets a download that nobody heard of, but not one whose file is gone', async () => {
    const it = await open();
    const upload = await it.call('upload_local_file', it.scene);
    const [item_id] = uploadFacts.parse(upload.facts).item_ids;
    const path = join(it.folder, 'back.tif');
    const args = { item_id, asset_id: 'data', path, wait_seconds: 0 };
    const ended = async (ids: number) =>
      eventually(async () => {
        const states = (await listed(it)).map(({ status }) => status);
        expect(states).toEqual(Array.from({ length: ids }, () => 'completed'));
      });
    const first = at(await it.call('download_asset_to_path', args));
    await ended(2);
    const again = await it.call('download_asset_to_path', args);
    expect(again.facts).toMatchObject({ transfer_id: first.transfer_id, path });
    await rm(path);
    const second = at(await it.call('download_asset_to_path', args));
    await ended(3);
    await rm(path);
    const third = at(await it.call('download_asset_to_path', args));
    expect(new Set([first, second, third].map((it) => it.transfer_id)).size).toBe(3);
    await ended(4);
    expect(await it.files()).toContain('back.tif');
  });
});

describe('a client that times out', () => {
  it('does not cancel: the transfer goes on, and the next call joins it', async () => {
    const it = await openHeld();
    const call = it.call('upload_local_file', it.scene, { timeout: 50 });
    await expect(call).rejects.toThrow(/timed out/);
    const { transfer_id } = at(
      await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }),
    );
    expect(fails(it)).toBe(0);
    it.letGo();
    const answer = await it.call('upload_local_file', it.scene);
    expect(answer.facts).toMatchObject({ status: 'completed', transfer_id });
    expect(sessions(it)).toMatchObject([{ status: 'completed' }]);
    expect(fails(it)).toBe(0);
  });

  it('hears the outcome at its next call where the transfer ended meanwhile', async () => {
    const it = await openHeld();
    const call = it.call('upload_local_file', it.scene, { timeout: 50 });
    await expect(call).rejects.toThrow(/timed out/);
    it.letGo();
    await endsUnheard(it, 'completed');
    const answer = await it.call('upload_local_file', it.scene);
    expect(answer.facts).toMatchObject({ status: 'completed' });
    expect(sessions(it)).toHaveLength(1);
  });
});

describe('a client that cancels', () => {
  async function cancelled(it: World, tool: string, args: object): Promise<void> {
    const stop = new AbortController();
    const call = it.call(tool, args, { signal: stop.signal });
    const rejected = expect(call).rejects.toThrow();
    await eventually(() => expect(sessions(it)[0]?.calls['uploads.signed_url']).toBe(1));
    stop.abort();
    await rejected;
  }

  it('its upload has it undone', async () => {
    const it = await openHeld();
    await cancelled(it, 'upload_local_file', it.scene);
    await endsUnheard(it, 'cancelled');
    expect(sessions(it)).toMatchObject([{ status: 'failed' }]);
    expect(it.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
  });

  it('a look at it does not', async () => {
    const it = await openHeld();
    const { transfer_id } = at(
      await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }),
    );
    await cancelled(it, 'transfer_status', { transfer_id });
    it.letGo();
    expect(await it.call('transfer_status', { transfer_id })).toMatchObject({
      facts: { status: 'completed' },
    });
  });
});

describe('transfer_cancel', () => {
  it('undoes an upload and says what became of the reservation', async () => {
    const it = await openHeld();
    const { transfer_id } = at(
      await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }),
    );
    await eventually(() => expect(sessions(it)[0]?.calls['uploads.signed_url']).toBe(1));
    const answer = await it.call('transfer_cancel', { transfer_id });
    const [session] = sessions(it);
    expect(answer.facts).toMatchObject({
      transfer_id,
      status: 'cancelled',
      upload_id: session?.id,
      reservation: 'released',
    });
    expect(answer.facts['detail']).toContain('was released');
    expect(session).toMatchObject({ status: 'failed' });
    expect(it.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
    const told = await it.call('transfer_status', { transfer_id });
    expect(told).toMatchObject({ isError: true, errorCode: 'cancelled' });
  });

  it('leaves nothing of a download', async () => {
    // No watchdog ends the silence before the test does.
    const it = await open({ engineClock: new HeldClock() });
    const upload = await it.call('upload_local_file', it.scene);
    const [item_id] = uploadFacts.parse(upload.facts).item_ids;
    it.sandbox.inject({ on: 'storage.get', times: 9, do: { stall_after_bytes: 100 } });
    const path = join(it.folder, 'back.tif');
    const args = { item_id, asset_id: 'data', path, wait_seconds: 0 };
    const { transfer_id } = at(await it.call('download_asset_to_path', args));
    await eventually(async () => expect(await it.files()).toHaveLength(2));
    const answer = await it.call('transfer_cancel', { transfer_id });
    expect(answer.facts).toMatchObject({ status: 'cancelled', partial_kept: false });
    expect(await it.files()).toEqual(['harbour.tif']);
  });

  it('keeps what a download has saved if asked, and the same call goes on from there', async () => {
    const it = await open({ engineClock: new HeldClock(), resumes: true });
    const path = await writeBytes(it.folder, 'big.bin', 1_000_000);
    const upload = await it.call('upload_local_file', { ...it.scene, path });
    const [item_id] = uploadFacts.parse(upload.facts).item_ids;
    it.sandbox.inject({ on: 'storage.get', do: { stall_after_bytes: 800_000 } });
    const back = join(it.folder, 'back.bin');
    const args = { item_id, asset_id: 'data', path: back, wait_seconds: 0 };
    const { transfer_id } = at(await it.call('download_asset_to_path', args));
    await eventually(async () => {
      const { facts } = await it.call('transfer_status', { transfer_id, wait_seconds: 0 });
      expect(facts['bytes_done']).toBeGreaterThan(400_000);
    });
    const answer = await it.call('transfer_cancel', { transfer_id, keep_partial: true });
    expect(answer.facts).toMatchObject({ status: 'cancelled', partial_kept: true });
    expect(await it.files()).toHaveLength(3);
    const whole = await it.call('download_asset_to_path', { ...args, wait_seconds: 45 });
    expect(whole.facts['resumed_bytes']).toBeGreaterThan(400_000);
    expect((await readFile(path)).equals(await readFile(back))).toBe(true);
    expect(await it.files()).toHaveLength(3);
  });

  it('says so where it had ended before, and undoes nothing', async () => {
    const it = await open();
    const answer = await it.call('upload_local_file', it.scene);
    const { transfer_id } = answer.facts;
    expect((await it.call('transfer_cancel', { transfer_id })).facts).toEqual({
      transfer_id,
      status: 'completed',
      detail: expect.stringContaining('ended before'),
    });
    expect(sessions(it)).toMatchObject([{ status: 'completed' }]);
  });
});

describe('the transfers of a server', () => {
  it('are listed newest first', async () => {
    const it = await openHeld();
    expect(await listed(it)).toEqual([]);
    const first = at(await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 }));
    const other = { ...it.scene, file_name: 'other.tif', wait_seconds: 0 };
    const second = at(await it.call('upload_local_file', other));
    expect(await listed(it)).toMatchObject([
      { transfer_id: second.transfer_id, status: 'running', kind: 'upload', what: 'other.tif' },
      { transfer_id: first.transfer_id, status: 'running', kind: 'upload', what: 'harbour.tif' },
    ]);
    it.letGo();
  });

  it.each(['transfer_status', 'transfer_cancel'])('%s knows no other', async (tool) => {
    const it = await open();
    const answer = await it.call(tool, { transfer_id: 't_unknown' });
    expect(answer).toMatchObject({ isError: true, errorCode: 'unknown_transfer' });
    expect(answer.text).toContain("no transfer 't_unknown'");
  });

  it('are undone when it shuts down, also those that nobody waits for', async () => {
    const it = await openHeld();
    await it.call('upload_local_file', { ...it.scene, wait_seconds: 0 });
    await eventually(() => expect(sessions(it)[0]?.calls['uploads.signed_url']).toBe(1));
    await it.mcp.drain();
    expect(sessions(it)).toMatchObject([{ status: 'failed' }]);
    expect(it.sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
  });
});

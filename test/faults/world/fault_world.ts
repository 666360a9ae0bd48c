import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, expect } from 'vitest';
import type { Fault, Sandbox } from '../../../src/sandbox/sandbox.ts';
import { systemClock } from '../../../src/transfer/clock.ts';
import { type Answer, startWorld, type World, type WorldOptions } from '../../integration/world.ts';

/** Pauses between attempts cost a test no time. */
const QUICK = { backoffBaseMs: 1, backoffCapMs: 1, retryAfterCapMs: 1 };

/** What a suite of faults counts; all but the first two are zero, or the suite fails. */
const figures = { suite: '', tried: 0, survived: 0, leaked: 0, wrong: 0, partial: 0 };

/** Sandboxes of worlds in which all held that must hold. */
const sound = new WeakSet<Sandbox>();

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

afterAll(() => {
  const { suite, tried, survived, leaked, wrong, partial } = figures;
  process.stdout.write(
    `${suite}: ${tried} tried, ${survived} survived; reservations leaked ${leaked}; bytes wrong ${wrong}; partial files at final paths ${partial}\n`,
  );
});

/** A world that ends with the test, and keeps its journals in a folder of its own. */
export async function faultWorld(options: WorldOptions = {}): Promise<World> {
  const stateDir = await mkdtemp(join(tmpdir(), 'geopera-fault-state-'));
  cleanUps.push(() => rm(stateDir, { recursive: true, force: true }));
  const world = await startWorld({
    // A clock that lets all waits pass at once would leave an early refusal no time to be heard.
    engineClock: systemClock,
    ...options,
    limits: { ...QUICK, ...options.limits },
    config: { stateDir, ...options.config },
  });
  figures.suite = basename(expect.getState().testPath ?? '', '.test.ts');
  figures.tried += 1;
  cleanUps.push(async () => {
    figures.leaked += world.sandbox.state().open_sessions;
    figures.survived += sound.has(world.sandbox) ? 1 : 0;
    await world.close();
  });
  return world;
}

export function injectAll(world: World, faults: readonly Fault[]): void {
  for (const fault of faults) world.sandbox.inject(fault);
}

/** All that must hold after any fault, whatever the outcome was. */
export async function expectSound(
  world: World,
  finalPaths: Readonly<Record<string, Buffer | undefined>> = {},
): Promise<void> {
  const state = world.sandbox.state();
  expect({ open: state.open_sessions, reserved: state.reserved_bytes }).toEqual({
    open: 0,
    reserved: 0,
  });
  for (const { status, calls } of state.sessions) {
    expect([status, calls['uploads.fail'] ?? 0]).toEqual(
      status === 'failed' ? ['failed', 1] : ['completed', 0],
    );
  }
  for (const [path, expected] of Object.entries(finalPaths)) {
    const found = await readFile(path).catch(() => undefined);
    const right = expected === undefined ? found === undefined : found?.equals(expected) === true;
    if (!right && found !== undefined) {
      const isPart = expected !== undefined && found.length < expected.length;
      figures[isPart ? 'partial' : 'wrong'] += 1;
    }
    expect(right, `${path} is ${expected === undefined ? 'not there' : 'whole'}`).toBe(true);
  }
  await world.client.ping();
  const listed = await world.call('items_list', { project_id: world.sandbox.projectId });
  expect(listed.isError, listed.text).toBe(false);
  sound.add(world.sandbox);
}

/** Nothing hidden is left beside the files that belong in the folder. */
export async function expectNoRemains(world: World): Promise<void> {
  expect((await readdir(world.folder)).filter((name) => name.startsWith('.'))).toEqual([]);
}

/** A failed answer tells nothing that is secret. */
export function expectDiscreet({ text }: Answer): void {
  expect(text).not.toMatch(/X-Goog-Signature|Bearer |gpra_/i);
}

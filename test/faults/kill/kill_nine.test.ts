import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Dice } from './dice.ts';
import { KillFigures } from './kill_figures.ts';
import { planKills, SIZES } from './kill_plan.ts';
import { KillWorld, randomLooking, type SourceFile, sourceOf } from './kill_world.ts';

/** The whole number runs by `npm run faults`. */
const KILLS = Number(process.env['FAULT_KILLS'] ?? 40);
const SEED = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000);
const WORLDS = 4;

const figures = new KillFigures();
let base: string;
const files = new Map<string, SourceFile>();

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'geopera-kill-')));
  await mkdir(join(base, 'sources'));
  for (const [name, bytes] of Object.entries(SIZES)) {
    const content = randomLooking(bytes, name);
    await writeFile(join(base, 'sources', name), content);
    files.set(name, await sourceOf(content));
  }
});

afterAll(async () => {
  process.stdout.write(`${figures.line(SEED, WORLDS)}\n`);
  await rm(base, { recursive: true, force: true });
});

it(`kill -9 at ${KILLS} moments loses nothing, leaks nothing, and leaves nothing half done`, async () => {
  const dice = new Dice(SEED);
  const plans = planKills(KILLS, dice).map((plan, number) => ({ plan, number }));
  const sources = { folder: join(base, 'sources'), files };
  const failures: unknown[] = [];
  const runWorld = async (index: number) => {
    const world = await KillWorld.open(join(base, `world-${index}`), sources, figures);
    try {
      for (let next = plans.shift(); next !== undefined; next = plans.shift()) {
        const { plan, number } = next;
        await world.carryOut(plan).catch((cause: unknown) => {
          const told = cause instanceof Error ? cause.message : String(cause);
          throw new Error(`kill ${number} of seed ${SEED}, ${plan.how}: ${told}`, { cause });
        });
      }
    } catch (error) {
      // What a failed kill left would spoil the next ones of this world; the others go on.
      failures.push(error);
    } finally {
      await world.close();
    }
  };
  await Promise.all(Array.from({ length: WORLDS }, (_, index) => runWorld(index)));
  expect(failures).toEqual([]);
  expect(figures.tried).toBeGreaterThanOrEqual(KILLS);
  expect(figures.survived).toBe(figures.tried);
  // Else the kills came too early to prove that anything goes on.
  if (KILLS >= 40) expect(figures.resumedBytes).toBeGreaterThan(0);
}, 600_000);

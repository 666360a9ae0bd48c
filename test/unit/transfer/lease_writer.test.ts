import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { LeaseWriter } from '../../../src/transfer/downloads/lease_writer.ts';
import { PartialDownload } from '../../../src/transfer/downloads/partial_download.ts';
import { PiecePool } from '../../../src/transfer/downloads/piece_pool.ts';
import { RangePlan } from '../../../src/transfer/downloads/range_plan.ts';

const BYTES = 3 * 1024 * 1024;

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

it('a writer that failed is finished only when nothing of it is on its way to disk', async () => {
  const at = await mkdtemp(join(tmpdir(), 'lease-'));
  cleanUps.push(() => rm(at, { recursive: true }));
  const partial = await PartialDownload.open(join(at, 'a.tif'), undefined, 0);
  await partial.begin(undefined, BYTES);
  cleanUps.push(() => partial.discard());
  const plan = new RangePlan(BYTES);
  const lease = plan.claim();
  if (lease === undefined) throw new Error('nothing to lease');
  const failures: unknown[] = [];
  const writer = new LeaseWriter(lease, {
    plan,
    partial,
    pool: new PiecePool(),
    onBytes() {},
    onFailure: (error) => failures.push(error),
  });
  const full = new Error('the disk is full');
  let written = () => {};
  vi.spyOn(partial.part, 'write')
    .mockRejectedValueOnce(full)
    .mockReturnValueOnce(
      new Promise((resolve) => {
        written = resolve;
      }),
    );
  for (let piece = 0; piece < 2; piece += 1) {
    // What the connection is told to wait for is not what this is about.
    Promise.resolve(writer.took(writer.room()?.byteLength ?? 0)).catch(() => {});
  }
  let finished = false;
  const finish = writer.finish().finally(() => {
    finished = true;
  });
  finish.catch(() => {});
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(failures).toContain(full);
  expect(finished).toBe(false);
  written();
  await expect(finish).rejects.toBe(full);
});

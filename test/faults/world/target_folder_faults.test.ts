import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, uploadFacts, type World } from '../../integration/world.ts';
import { writeBytes } from '../../scene.ts';
import { expectSound, faultWorld, injectAll } from './fault_world.ts';

const MIB = 1024 * 1024;
const SIZE = 3 * MIB;

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const WAYS = [
  { by: 'one stream', limits: {} },
  { by: 'ranges', limits: { moreStreamsFromBytes: 100_000, leastRangeBytes: 100_000 } },
];

interface Fetching extends World {
  readonly bytes: Buffer;
  /** Downloads the object to a path, slowly, and calls back once bytes have come. */
  download(path: string, onBytes?: () => unknown): Promise<Answer>;
}

async function fetching(
  limits: (typeof WAYS)[number]['limits'],
  folders: readonly string[],
): Promise<Fetching> {
  const sources = await mkdtemp(join(tmpdir(), 'geopera-sources-'));
  cleanUps.push(() => rm(sources, { recursive: true, force: true }));
  const allowDirs = [sources, ...folders];
  const world = await faultWorld({ limits, watchLoad: () => () => 0, config: { allowDirs } });
  const path = await writeBytes(sources, 'scene.bin', SIZE);
  const args = { path, project_id: world.sandbox.projectId };
  const [itemId = ''] = uploadFacts.parse(
    (await world.call('upload_local_file', args)).facts,
  ).item_ids;
  injectAll(world, [{ on: 'storage.get', times: 1000, do: { bytes_per_second: SIZE * 2 } }]);
  return {
    ...world,
    bytes: await readFile(path),
    async download(target, onBytes = () => {}) {
      const { egress_bytes: before } = world.sandbox.state();
      const call = world.call('download_asset_to_path', {
        item_id: itemId,
        asset_id: 'data',
        path: target,
      });
      let over = false;
      void call.finally(() => {
        over = true;
      });
      while (!over && world.sandbox.state().egress_bytes < before + SIZE / 4) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await onBytes();
      return call;
    },
  };
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'geopera-target-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe.each(WAYS)('the target of a download in $by', ({ limits }) => {
  it('loses its folder meanwhile', async () => {
    const folder = join(await emptyFolder(), 'gone');
    await mkdir(folder);
    const world = await fetching(limits, [folder]);
    const path = join(folder, 'back.bin');
    const answer = await world.download(path, () => rm(folder, { recursive: true }));
    expect(answer).toMatchObject({ isError: true, errorCode: 'target_unwritable' });
    await expect(stat(folder)).rejects.toThrow();
    await expectSound(world, { [path]: undefined });
    // With the folder there again, the same call does it.
    await mkdir(folder);
    const again = await world.download(path);
    expect(again.isError, again.text).toBe(false);
    await expectSound(world, { [path]: world.bytes });
    expect(await readdir(folder)).toEqual(['back.bin']);
  });

  it('is taken by someone else meanwhile, whose file stays', async () => {
    const folder = await emptyFolder();
    const world = await fetching(limits, [folder]);
    const path = join(folder, 'back.bin');
    const answer = await world.download(path, () => writeFile(path, 'theirs'));
    expect(answer).toMatchObject({ isError: true, errorCode: 'target_exists' });
    await expectSound(world, { [path]: Buffer.from('theirs') });
    expect(await readdir(folder)).toEqual(['back.bin']);
  });

  it('is on a disk that others fill meanwhile', async ({ skip }) => {
    const folder = await emptyFolder();
    if (!mountSmallDisk(folder)) skip('no right to mount a small disk here');
    const world = await fetching(limits, [folder]);
    const path = join(folder, 'back.bin');
    const filler = join(folder, 'filler');
    const answer = await world.download(path, () =>
      // As much as is left, which ends with the same error.
      writeFile(filler, Buffer.alloc(8 * MIB)).catch(() => undefined),
    );
    expect(answer).toMatchObject({ isError: true, errorCode: 'no_space' });
    await expectSound(world, { [path]: undefined });
    await rm(filler);
    const again = await world.download(path);
    expect(again.isError, again.text).toBe(false);
    await expectSound(world, { [path]: world.bytes });
    expect(await readdir(folder)).toEqual(['back.bin']);
  });
});

/** A disk of 5 MiB of memory; false where this process may not mount one. */
function mountSmallDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${5 * MIB}`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    return false;
  }
  cleanUps.push(() => execFileSync('umount', ['--lazy', folder]));
  return true;
}

#!/usr/bin/env node
// Transfers of this library beside curl, aria2 and rclone, in turns against one nginx over TLS on
// loopback. Usage: npm run bench [-- --help]. Figures and reasons: docs/performance.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeRandomFile, makeRandomFiles, roomIn, writeUploadList } from './transfers/files.mjs';
import { measureMemory } from './transfers/memory.mjs';
import { readOptions, USAGE } from './transfers/options.mjs';
import { machineFacts, peerVersions } from './transfers/peers.mjs';
import { measureWork } from './transfers/rounds.mjs';
import { onStage } from './transfers/stage.mjs';
import { aligned, memoryRows, speedRows } from './transfers/table.mjs';
import { TILE_BYTES, WORKS } from './transfers/works.mjs';
import { untilSignal } from './until_signal.mjs';

const RESULTS = fileURLToPath(new URL('results/transfers.json', import.meta.url));
/** The file served, the file received, and the one that nginx has not renamed yet. */
const SCENES_AT_ONCE = 3;

/** What `--only` names: one work, or several that belong together. */
const GROUPS = {
  upload: ['upload', 'upload, own cipher'],
  download: ['download', 'download, own cipher'],
  paced: ['paced'],
  session: ['session'],
  memory: [],
  checksums: ['checksums, upload', 'checksums, download'],
};

/** Where files lie in memory, so that no disk is measured. */
async function fastFolder(options) {
  const folder = options.folder ?? '/dev/shm';
  const wanted = SCENES_AT_ONCE * options.size + 2 * options.files * TILE_BYTES;
  const room = await roomIn(folder).catch(() => 0);
  if (room >= wanted) return folder;
  if (options.folder !== undefined) throw new Error(`${folder} has less than ${wanted} bytes free`);
  console.error(`/dev/shm has less than ${wanted} bytes free: files lie in ${tmpdir()}`);
  return tmpdir();
}

async function measureSpeeds(base, options, signal, around) {
  const names = options.only.flatMap((group) => GROUPS[group]);
  if (names.length === 0) return {};
  return onStage(base, async (bare) => {
    const stage = {
      ...bare,
      scene: join(bare.folder, 'www/scene.tif'),
      sceneBytes: options.size,
      tiles: join(bare.folder, 'tiles'),
      tileCount: options.files,
      uploadList: join(bare.folder, 'uploads.curl'),
    };
    await makeRandomFile(stage.scene, stage.sceneBytes, signal);
    await makeRandomFiles(stage.tiles, stage.tileCount, TILE_BYTES);
    await writeUploadList(stage.uploadList, stage.tiles, `${stage.server.url}/stored/session`);
    const works = {};
    for (const name of names) works[name] = await measureWork(WORKS[name], stage, around(name));
    return works;
  });
}

async function main(signal) {
  const options = readOptions(process.argv.slice(2), Object.keys(GROUPS));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const peers = await peerVersions();
  const base = await fastFolder(options);
  const { rounds } = options;
  const around = (name) => ({
    rounds,
    signal,
    onRound: (round) => console.error(`${name}: round ${round} of ${rounds}`),
  });

  const works = await measureSpeeds(base, options, signal, around);
  const memory = options.only.includes('memory')
    ? await measureMemory(base, options.memorySizes, around('memory'))
    : undefined;

  if (Object.keys(works).length > 0) console.log(`\n${aligned(speedRows(works))}`);
  if (memory !== undefined) console.log(`\n${aligned(memoryRows(memory))}`);

  const out = options.out ?? (options.whole ? RESULTS : undefined);
  if (out === undefined) {
    console.log('\nnot written: a part of the measurement needs --out FILE');
    return;
  }
  const measured = new Date().toISOString().slice(0, 10);
  const facts = { measured, machine: await machineFacts(), peers, rounds };
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify({ ...facts, works, memory }, null, 2)}\n`);
  console.log(`\nwritten: ${out}`);
}

await untilSignal(main);

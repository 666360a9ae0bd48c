#!/usr/bin/env node
// A CSV cut into compressed parts beside gzip and Node's own zlib, in turns over the same file.
// Usage: npm run bench:cutting [-- --rounds 5 --size-mib 256 --folder /dev/shm --out FILE]
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { build } from 'esbuild';
import { makeTable } from './cutting/table_file.mjs';
import { cuttingWork } from './cutting/works.mjs';
import { machineFacts } from './transfers/peers.mjs';
import { measureWork } from './transfers/rounds.mjs';
import { aligned, speedRows } from './transfers/table.mjs';
import { untilSignal } from './until_signal.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const RESULTS = fileURLToPath(new URL('results/cutting.json', import.meta.url));
/** `measureWork` asks it for its CPU time; here nothing serves. */
const NO_SERVER = { cpuSeconds: async () => 0 };

async function bundleCutter(folder) {
  const program = join(folder, 'cutter.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/fixtures/cutter.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'cjs',
    logLevel: 'warning',
  });
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'level']);
  return { program, level: Number(stdout) };
}

async function measure(folder, { rounds, bytes, signal }) {
  const work = cuttingWork(await bundleCutter(folder));
  const table = join(folder, 'table.csv');
  const tableBytes = await makeTable(table, bytes, signal);
  const stage = { folder, table, tableBytes, server: NO_SERVER };
  const onRound = (round) => console.error(`round ${round} of ${rounds}`);
  return measureWork(work, stage, { rounds, signal, onRound });
}

async function main(signal) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      'size-mib': { type: 'string' },
      folder: { type: 'string', default: '/dev/shm' },
      out: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  const bytes = Number(values['size-mib'] ?? 256) * 2 ** 20;
  const folder = await mkdtemp(join(values.folder, 'geopera-mcp-bench-'));
  try {
    const cutting = await measure(folder, { rounds, bytes, signal });
    console.log(`\n${aligned(speedRows({ cutting }))}`);
    const out = values.out ?? (values['size-mib'] === undefined ? RESULTS : undefined);
    if (out === undefined) {
      console.log('\nnot written: another size needs --out FILE');
      return;
    }
    const measured = new Date().toISOString().slice(0, 10);
    const facts = { measured, machine: await machineFacts(), rounds };
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, `${JSON.stringify({ ...facts, works: { cutting } }, null, 2)}\n`);
    console.log(`\nwritten: ${out}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

await untilSignal(main);

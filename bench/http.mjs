#!/usr/bin/env node
// Calls a second over Streamable HTTP, beside a one-tool server of the SDK, in turns on one machine.
// Usage: npm run bench:http [-- --help]. Figures and reasons: docs/performance.md.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LoadProcess } from './http/load_process.mjs';
import { measureMemory } from './http/memory.mjs';
import { readOptions, USAGE } from './http/options.mjs';
import { onServers } from './http/servers.mjs';
import { measureSpeeds } from './http/speeds.mjs';
import { httpRows, sessionRows } from './http/table.mjs';
import { machineFacts } from './transfers/peers.mjs';
import { aligned } from './transfers/table.mjs';
import { untilSignal } from './until_signal.mjs';

const RESULTS = fileURLToPath(new URL('results/http.json', import.meta.url));

/** What Redis says of its version, or undefined if it is not installed. */
async function redisVersion() {
  try {
    const { stdout } = await promisify(execFile)('redis-server', ['--version']);
    return /v=(\S+)/.exec(stdout)?.[1];
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    console.error('there is no redis-server: the rows with Redis are left out');
    return undefined;
  }
}

async function measure(folder, options, redis, signal) {
  const { command, rounds, calls, connections, sessions } = options;
  const load = new LoadProcess();
  try {
    return await onServers(folder, async (servers) => {
      const world = {
        folder,
        command,
        sandbox: await servers.start([command, 'sandbox', '--port', '0']),
        redis: redis && (await servers.startRedis()),
      };
      const onRound = (mode, round) => console.error(`${mode}: round ${round} of ${rounds}`);
      const around = { load, rounds, calls, connections, signal, onRound };
      const works = await measureSpeeds(world, around);
      return { works, memory: await measureMemory(world, sessions, around) };
    });
  } finally {
    load.stop();
  }
}

async function main(signal) {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const { rounds, calls, connections } = options;
  const redis = await redisVersion();
  const folder = await mkdtemp(join(tmpdir(), 'geopera-mcp-bench-'));
  const { works, memory } = await measure(folder, options, redis, signal).finally(() =>
    rm(folder, { recursive: true, force: true }),
  );

  console.log(`\n${aligned(httpRows(works))}\n\n${aligned(sessionRows(memory))}`);
  const out = options.out ?? (options.whole ? RESULTS : undefined);
  if (out === undefined) {
    console.log('\nnot written: a run of another size needs --out FILE');
    return;
  }
  const measured = new Date().toISOString().slice(0, 10);
  const facts = { measured, machine: await machineFacts(), redis, rounds, calls, connections };
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify({ ...facts, works, memory }, null, 2)}\n`);
  console.log(`\nwritten: ${out}`);
}

await untilSignal(main);

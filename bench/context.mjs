#!/usr/bin/env node
// What a client's model has to read before it is asked anything, beside published servers, and what it
// costs to find and call an operation. Usage: npm run bench:context [-- --help].
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judged, missedAims } from './context/aims.mjs';
import {
  cleanEnv,
  listedByPeer,
  listedOverHttp,
  listedOverStdio,
} from './context/listed_tools.mjs';
import { readOptions, USAGE } from './context/options.mjs';
import { PEERS, SAID } from './context/peers.mjs';
import { roundTrip } from './context/round_trip.mjs';
import { contextRows, tripRows } from './context/table.mjs';
import { COMMAND, LISTS, TRIPS } from './context/works.mjs';
import { McpSession } from './mcp_session.mjs';
import { aligned } from './transfers/table.mjs';
import { untilSignal } from './until_signal.mjs';

const RESULTS = fileURLToPath(new URL('results/context.json', import.meta.url));

/** Fewer peers say little. */
const LEAST_PEERS = 4;

async function measureOurs(folder, signal) {
  const ours = [];
  for (const { name, over, flags, aims } of LISTS) {
    const figures =
      over === 'http'
        ? await listedOverHttp([COMMAND, 'http', '--sandbox', '--port', '0', ...flags], folder)
        : await listedOverStdio(sandboxed(flags), { env: cleanEnv(folder), cwd: folder, signal });
    ours.push({ name, ...figures, aims: judged(figures, aims) });
  }
  return ours;
}

const sandboxed = (flags) => [COMMAND, '--sandbox', ...flags];

/** All in one session: what one of them made, another may remove. */
async function measureTrips(folder, signal) {
  const session = await McpSession.open(sandboxed([]), {
    ...{ env: cleanEnv(folder), cwd: folder, signal },
  });
  try {
    const trips = [];
    const answers = {};
    for (const trip of TRIPS) {
      const { figures, answer } = await roundTrip(session, trip, answers);
      trips.push(figures);
      answers[trip.operation] = answer;
    }
    return trips;
  } finally {
    await session.close();
  }
}

async function measurePeers(folder, cache, signal) {
  const peers = [];
  for (const peer of PEERS) {
    const figures = await listedByPeer(peer, { cache, folder, signal });
    const { name, version, tools, failed } = figures;
    console.error(`${name} ${version}: ${failed ?? `${tools} tools`}`);
    peers.push(figures);
  }
  return peers;
}

async function main(signal) {
  const { help, smoke, peers: cache, out } = readOptions(process.argv.slice(2));
  if (help) {
    console.log(USAGE);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'geopera-mcp-bench-'));
  const measure = async () => ({
    ours: await measureOurs(folder, signal),
    peers: smoke ? [] : await measurePeers(folder, cache, signal),
    said: SAID,
    trips: await measureTrips(folder, signal),
  });
  const results = await measure().finally(() => rm(folder, { recursive: true, force: true }));

  console.log(`\n${aligned(contextRows(results))}\n\n${aligned(tripRows(results))}`);
  const missed = missedAims(results.ours);
  for (const line of missed) console.error(line);
  if (smoke) {
    if (missed.length > 0) process.exitCode = 1;
    return;
  }
  const started = results.peers.filter(({ failed }) => failed === undefined);
  if (started.length < LEAST_PEERS) {
    throw new Error(`not written: ${started.length} peers started, at least ${LEAST_PEERS} wanted`);
  }
  const target = out ?? RESULTS;
  const measured = new Date().toISOString().slice(0, 10);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(
    target,
    `${JSON.stringify({ measured, node: process.version, ...results }, null, 2)}\n`,
  );
  console.log(`\nwritten: ${target}`);
}

await untilSignal(main);

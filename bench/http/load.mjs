// The load, in a process of its own that the bench forks and sends what to do: one message for each
// run, answered by one with its figures.

import { readCpuSeconds } from '../process_figures.mjs';
import { McpConnection } from './mcp_connection.mjs';

/** Before the clock starts, a connection asks so often: its session is warm, and so is this process. */
const WARM_UP_CALLS = 50;

function connect(server, count) {
  return Array.from({ length: count }, () => new McpConnection(server));
}

const each = (connections, work) => Promise.all(connections.map(work));

/** The value that so large a share of the sorted values does not exceed. */
const quantile = (sorted, share) => sorted[Math.ceil(share * sorted.length) - 1];

/** Asks for the same thing so often, over all connections together. */
async function calls({ server, pid, stateful, connections: count, calls: total, asked }) {
  const connections = connect(server, count);
  if (stateful) await each(connections, (connection) => connection.initialize());
  await each(connections, async (connection) => {
    for (let call = 0; call < WARM_UP_CALLS; call++) await connection.request(asked);
  });
  const times = new Float64Array(total);
  let begun = 0;
  const cpuBefore = await readCpuSeconds(pid);
  const start = performance.now();
  await each(connections, async (connection) => {
    while (begun < total) {
      const call = begun++;
      const sent = performance.now();
      await connection.request(asked);
      times[call] = performance.now() - sent;
    }
  });
  const seconds = (performance.now() - start) / 1000;
  const cpuSeconds = (await readCpuSeconds(pid)) - cpuBefore;
  await each(connections, async (connection) => {
    if (stateful) await connection.end();
    await connection.close();
  });
  times.sort();
  return {
    callsPerSecond: total / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    cpuMsPerCall: (cpuSeconds * 1000) / total,
  };
}

/** Opens so many sessions, and leaves them. */
async function sessions({ server, connections: count, sessions: total }) {
  const connections = connect(server, count);
  let opened = 0;
  await each(connections, async (connection) => {
    while (opened < total) {
      opened++;
      await connection.initialize();
    }
  });
  await each(connections, (connection) => connection.close());
  return {};
}

const RUNS = { calls, sessions };

process.on('message', async ({ kind, ...run }) => {
  try {
    process.send({ figures: await RUNS[kind](run) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});

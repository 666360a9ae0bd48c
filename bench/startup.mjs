#!/usr/bin/env node
// Time from spawn to an answered tools/list: the built server beside an unbundled one-tool
// McpServer and bare Node, in turns on the same machine. Usage: npm run bench:startup [-- rounds]
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { listTools } from './mcp_session.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const rounds = Number(process.argv[2] ?? 25);
const caches = await mkdtemp(join(tmpdir(), 'geopera-mcp-bench-'));
const env = { ...process.env, XDG_CACHE_HOME: caches, NODE_DISABLE_COMPILE_CACHE: '' };
const uncached = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };

const ours = [join(here, '../dist/cli.cjs')];
const SUBJECTS = {
  'bare Node': { args: [join(here, 'fixtures/bare_node.cjs')] },
  'unbundled McpServer, one tool': { args: [join(here, 'fixtures/one_tool_server.mjs')] },
  'geopera-mcp': { args: ours, options: { env } },
  'geopera-mcp, no bytecode yet': { args: ours, options: { env: uncached } },
};
const BASELINE = 'unbundled McpServer, one tool';

/** The server writes its bytecode a second after its first start. */
async function bytecodeKept() {
  const folder = join(caches, 'geopera-mcp');
  for (let waited = 0; waited < 10_000; waited += 100) {
    const names = existsSync(folder) ? await readdir(folder) : [];
    if (names.some((name) => name.endsWith('.bytecode'))) return;
    await setTimeout(100);
  }
  throw new Error('the server kept no bytecode within 10 s');
}

const round1 = (value) => Math.round(value * 10) / 10;
const round3 = (value) => Math.round(value * 1000) / 1000;

await listTools(ours, { env, linger: bytecodeKept });
const times = Object.fromEntries(Object.keys(SUBJECTS).map((name) => [name, []]));
const tools = {};
for (let round = 0; round < rounds; round++) {
  for (const [name, { args, options }] of Object.entries(SUBJECTS)) {
    const { ms, tools: count } = await listTools(args, options);
    times[name].push(ms);
    tools[name] = count;
  }
}
await rm(caches, { recursive: true });

const summary = Object.entries(times).map(([name, all]) => {
  const sorted = [...all].sort((a, b) => a - b);
  return { name, tools: tools[name], min: sorted[0], median: sorted[sorted.length >> 1] };
});
const baseline = summary.find(({ name }) => name === BASELINE);
const results = summary.map(({ name, tools, min, median }) => ({
  name,
  tools,
  min_ms: round1(min),
  median_ms: round1(median),
  ratio_of_min: round3(min / baseline.min),
  ratio_of_median: round3(median / baseline.median),
}));
console.table(results);

const machine = {
  measured: new Date().toISOString().slice(0, 10),
  node: process.version,
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  platform: `${platform()} ${arch()}`,
};
await mkdir(join(here, 'results'), { recursive: true });
const file = join(here, 'results/startup.json');
await writeFile(
  file,
  `${JSON.stringify({ ...machine, rounds, baseline: BASELINE, results }, null, 2)}\n`,
);
console.log(`written: ${file}`);

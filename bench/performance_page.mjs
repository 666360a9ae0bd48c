#!/usr/bin/env node
// Writes the tables of the documents from the results. With --check it writes nothing, and fails if
// a document does not show these results.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { contextRows, tripRows } from './context/table.mjs';
import { httpRows, sessionRows, sizingRows } from './http/table.mjs';
import { markdown, memoryRows, speedRows } from './transfers/table.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const measuredOn = ({ measured, machine, rounds }) => [
  `Measured ${measured}, rounds: ${rounds}. Machine: ${machine.cpu}, ${machine.cores} cores,`,
  `${machine.memory_gib} GiB of memory, ${machine.kernel}, Node ${machine.node}.`,
];

function transfers(results) {
  const { peers, works, memory } = results;
  const versions = Object.values(peers).map((line) => line.split(/ \(|, Copy/)[0]);
  return [
    ...measuredOn(results),
    `Peers: ${versions.join('; ')}.`,
    '',
    markdown(speedRows(works)),
    '',
    markdown(memoryRows(memory)),
  ];
}

function http(results) {
  const { calls, connections, redis, works, memory } = results;
  return [
    ...measuredOn(results),
    `Connections: ${connections}; calls of each run: ${calls}. Redis ${redis ?? 'was not there'}.`,
    '',
    markdown(httpRows(works)),
    '',
    markdown(sessionRows(memory)),
  ];
}

function context(results) {
  const { measured, node } = results;
  return [
    `Measured ${measured}, Node ${node}.`,
    '',
    markdown(contextRows(results)),
    '',
    markdown(tripRows(results)),
  ];
}

const sizing = (results) => [markdown(sizingRows(results))];

/** What stands between `<!-- name -->` and `<!-- /name -->` of each document. */
const BLOCKS = [
  {
    page: '../docs/performance.md',
    name: 'results',
    from: 'results/transfers.json',
    lines: transfers,
  },
  { page: '../docs/performance.md', name: 'http results', from: 'results/http.json', lines: http },
  {
    page: '../docs/performance.md',
    name: 'context results',
    from: 'results/context.json',
    lines: context,
  },
  { page: '../docs/deploy.md', name: 'sizing', from: 'results/http.json', lines: sizing },
];

async function isCurrent({ page, name, from, lines }, checkOnly) {
  const path = at(page);
  const before = await readFile(path, 'utf8');
  const results = JSON.parse(await readFile(at(from), 'utf8'));
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [before.indexOf(open), before.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`${path} has no block ${open} … ${close}`);
  const block = [open, ...lines(results), ''].join('\n');
  const after = `${before.slice(0, start)}${block}${before.slice(end)}`;
  if (after !== before && !checkOnly) await writeFile(path, after);
  return after === before;
}

const checkOnly = process.argv.includes('--check');
for (const block of BLOCKS) {
  const shown = `${block.name} of ${block.page.slice('../'.length)}`;
  if (await isCurrent(block, checkOnly)) console.log(`${shown}: current`);
  else if (!checkOnly) console.log(`${shown}: written`);
  else {
    console.error(`${shown}: not current: run npm run bench:page`);
    process.exitCode = 1;
  }
}

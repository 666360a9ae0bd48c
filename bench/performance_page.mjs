#!/usr/bin/env node
// Writes the tables of docs/performance.md from results/transfers.json. With --check it writes
// nothing, and fails if the page does not show these results.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { markdown, memoryRows, speedRows } from './transfers/table.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const PAGE = at('../docs/performance.md');
const OPEN = '<!-- results -->';
const CLOSE = '<!-- /results -->';

function page({ measured, machine, peers, rounds, works, memory }) {
  const versions = Object.values(peers).map((line) => line.split(/ \(|, Copy/)[0]);
  return [
    `Measured ${measured}, rounds: ${rounds}. Machine: ${machine.cpu}, ${machine.cores} cores,`,
    `${machine.memory_gib} GiB of memory, ${machine.kernel}, Node ${machine.node}.`,
    `Peers: ${versions.join('; ')}.`,
    '',
    markdown(speedRows(works)),
    '',
    markdown(memoryRows(memory)),
  ].join('\n');
}

const before = await readFile(PAGE, 'utf8');
const results = JSON.parse(await readFile(at('results/transfers.json'), 'utf8'));
const [start, end] = [before.indexOf(OPEN), before.indexOf(CLOSE)];
if (start < 0 || end < start) throw new Error(`${PAGE} has no block ${OPEN} … ${CLOSE}`);
const after = `${before.slice(0, start)}${OPEN}\n${page(results)}\n${before.slice(end)}`;
if (after === before) {
  console.log('docs/performance.md is current');
} else if (process.argv.includes('--check')) {
  console.error('docs/performance.md is not current: run npm run bench:page');
  process.exitCode = 1;
} else {
  await writeFile(PAGE, after);
  console.log('docs/performance.md written');
}

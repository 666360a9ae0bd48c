#!/usr/bin/env node
// Writes the tables of README.md from the source: the settings of src/config.ts and the tools.
// With --check it writes nothing, and fails if README.md is not current.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceModules } from './source_modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const TABLES = {
  settings: ({ settings }) => [
    ['Flag', 'Environment', 'Command', 'What it does'],
    ...settings().map(({ flag, form, placeholder, env, commands, help, default: value }) => [
      form === 'word'
        ? code(placeholder)
        : flag === undefined
          ? ''
          : code(`--${flag}${placeholder ? ` ${placeholder}` : ''}`),
      env === undefined ? '' : code(env),
      commands.join(', '),
      value === undefined ? help : `${help} Default: ${code(value)}.`,
    ]),
  ],
  tools: ({ createToolbox }) => [
    ['Tool', 'Scope', 'What it does'],
    ...[...createToolbox('both').values()].map(({ listing: { name, description, _meta } }) => [
      code(name),
      _meta?.['geopera/scope'] === undefined ? '' : code(_meta['geopera/scope']),
      firstSentence(description),
    ]),
  ],
};

const code = (text) => `\`${text}\``;
const firstSentence = (text) => /^.*?[.?!](?=\s|$)/s.exec(text)?.[0] ?? text;

function markdown([head, ...rows]) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** The README with the block between `<!-- name -->` and `<!-- /name -->` replaced. */
function withBlock(readme, name, block) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [readme.indexOf(open), readme.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`README.md has no block ${open} … ${close}`);
  return `${readme.slice(0, start + open.length)}\n${block}\n${readme.slice(end)}`;
}

const path = join(root, 'README.md');
const modules = await sourceModules();
const before = await readFile(path, 'utf8');
let after = before;
for (const [name, rows] of Object.entries(TABLES)) {
  after = withBlock(after, name, markdown(rows(modules)));
}
if (after === before) {
  console.log('README.md is current');
} else if (process.argv.includes('--check')) {
  console.error('README.md is not current: run npm run docs');
  process.exitCode = 1;
} else {
  await writeFile(path, after);
  console.log('README.md written');
}

#!/usr/bin/env node
// Writes what the documents take from the source: settings, tools, operations, traits of connectors. With
// --check it writes nothing, and fails if a document is not current.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operationSections } from './docs/operation_sections.mjs';
import { defaultListTable, settingsTable } from './docs/readme_tables.mjs';
import { flagsTable, placedToolsTable, toolSections, toolsetsTable } from './docs/tool_blocks.mjs';
import { traitsTable } from './docs/traits_table.mjs';
import { sourceModules } from './source_modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What stands between `<!-- name -->` and `<!-- /name -->` of each document. */
const DOCUMENTS = {
  'README.md': { settings: settingsTable, tools: defaultListTable },
  'docs/architecture.md': { traits: traitsTable },
  'docs/tools.md': {
    flags: flagsTable,
    toolsets: toolsetsTable,
    'default list': placedToolsTable,
    tools: toolSections,
    operations: operationSections,
  },
};

function withBlock(document, text, name, block) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`${document} has no block ${open} … ${close}`);
  return `${text.slice(0, start + open.length)}\n${block}\n${text.slice(end)}`;
}

const modules = await sourceModules();
for (const [document, blocks] of Object.entries(DOCUMENTS)) {
  const path = join(root, document);
  const before = await readFile(path, 'utf8');
  let after = before;
  for (const [name, blockOf] of Object.entries(blocks)) {
    after = withBlock(document, after, name, blockOf(modules));
  }
  if (after === before) {
    console.log(`${document} is current`);
  } else if (process.argv.includes('--check')) {
    console.error(`${document} is not current: run npm run docs`);
    process.exitCode = 1;
  } else {
    await writeFile(path, after);
    console.log(`${document} written`);
  }
}

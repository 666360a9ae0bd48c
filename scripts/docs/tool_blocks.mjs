import { fieldRows } from './field_rows.mjs';
import { code, firstSentence, linkTo, prose, table } from './markdown.mjs';
import { scopeOf, settingRow } from './readme_tables.mjs';

const BYTES_PER_TOKEN = 4;

/** The settings by which tools are chosen. */
export function flagsTable({ settings, toolSettings, sourceOf }) {
  const flags = Object.values(toolSettings).map((schema) => sourceOf(schema).flag);
  const rows = settings().filter(({ flag }) => flags.includes(flag));
  return table([['Flag', 'Environment', 'Command', 'What it does'], ...rows.map(settingRow)]);
}

/** Every toolset, with what it costs over stdio. */
export function toolsetsTable({
  toolsetNames,
  createToolbox,
  ToolSelection,
  resourceOf,
  catalogue,
}) {
  const resources = new Set(catalogue.map(({ id }) => resourceOf(id)));
  return table([
    ['Toolset', 'Tools', 'that only read', 'Tokens'],
    ...toolsetNames().map((name) => {
      const selection = ToolSelection.of({ toolsets: [name], excludeTools: [], readOnly: false });
      const tools = [...createToolbox('paths', selection).values()];
      const bytes = Buffer.byteLength(JSON.stringify({ tools: tools.map((it) => it.listing) }));
      return [
        resources.has(name) ? linkTo(name) : code(name),
        String(tools.length),
        String(tools.filter(({ hints }) => hints.readOnlyHint).length),
        Math.ceil(bytes / BYTES_PER_TOKEN).toLocaleString('en-US'),
      ];
    }),
  ]);
}

/** The default list, and where each of its tools is. */
export function placedToolsTable(source) {
  const { createToolbox, catalogue } = source;
  const byPath = createToolbox('paths');
  const byLink = createToolbox('links');
  const isOperation = (title) => catalogue.some(({ id }) => id === title);
  return table([
    ['Tool', 'Where', 'Scope', 'What it does'],
    ...[...createToolbox('both').values()].map(({ name, title, listing }) => [
      isOperation(title) ? `${code(name)}: ${linkTo(title)}` : linkTo(name),
      byPath.has(name) ? (byLink.has(name) ? '' : 'by path') : 'by link',
      scopeOf(listing._meta),
      prose(firstSentence(listing.description), catalogue),
    ]),
  ]);
}

/** Every tool that is no single operation. */
export function toolSections(source) {
  const { createToolbox, catalogue } = source;
  const words = (text) => prose(text, catalogue);
  return [...createToolbox('both').values()]
    .filter(({ title }) => !catalogue.some(({ id }) => id === title))
    .flatMap(({ name, listing, hints }) => [
      `### ${name}`,
      words(listing.description),
      [
        hints.readOnlyHint ? 'only reads' : 'writes',
        ...(hints.destructiveHint ? ['may replace or remove'] : []),
        ...(scopeOf(listing._meta) === '' ? [] : [`scope ${scopeOf(listing._meta)}`]),
      ].join(' · '),
      table([['Field', 'Type', 'Default', 'What it is'], ...fieldRows(listing.inputSchema, words)]),
    ])
    .join('\n\n');
}

import { catalogue, operationById } from '../../src/operations/catalogue.ts';
import { resourceOf } from '../../src/tools/selection/toolsets.ts';
import { everyTool } from '../unit/tools/every_tool.ts';
import { objectsIn } from './schema_profile.ts';

const tools = [...everyTool('both').values()];
const toolNames = tools.map(({ name }) => name);
const resources = [...new Set(catalogue.map(({ id }) => resourceOf(id)))];

const PREFIXES = ['upload', 'download', 'item', 'transfer', ...resources];

/** A word that starts as the names of our tools do; `items.search_org` is none. */
const LIKE_A_TOOL = new RegExp(
  `(?<![\\w.])(?:(?:${PREFIXES.join('|')})_[a-z0-9_]+|(?:create|finish)_upload[a-z_]*|[a-z]+(?:_[a-z]+)*_operations?)\\b`,
  'g',
);

/** Words of that form that are members of answers, or kinds of what Geopera has. */
const OTHERS = ['item_ids', 'cog_clip', 'processing_job'];

const fields = tools.flatMap(({ listing }) =>
  [listing.inputSchema, listing.outputSchema ?? { type: 'object' }].flatMap((schema) =>
    objectsIn(schema).flatMap(({ properties }) => Object.keys(properties)),
  ),
);
const known = new Set([...fields, ...OTHERS]);

/** Names in a text that look like tools of ours and are none of these. */
export function unknownTools(text: string, names: readonly string[] = toolNames): string[] {
  const found = new Set(text.match(LIKE_A_TOOL) ?? []);
  return [...found].filter((name) => !names.includes(name) && !known.has(name));
}

/** Words with dots whose first part is a resource; `uploads.*` means all of one. */
const LIKE_AN_OPERATION = new RegExp(
  `(?<![\\w./-])(?:${resources.join('|')})(?:\\.[a-z0-9_]+)+\\b`,
  'g',
);

/** Words in a text that look like ids of operations, of which there is none. */
export function unknownOperations(text: string): string[] {
  const found = new Set(text.match(LIKE_AN_OPERATION) ?? []);
  return [...found].filter((id) => operationById(id) === undefined);
}

import { createToolbox } from '../../src/tools/toolbox.ts';

/** A word that starts as the names of our tools do. */
const LIKE_A_TOOL =
  /\b(?:uploads?|downloads?|items?|clip|transfer)_[a-z_]+\b|\b(?:create|finish)_upload[a-z_]*\b/g;

/** Words of that form that are names of fields. */
const FIELDS = new Set(['upload_id', 'item_id', 'item_ids', 'transfer_id', 'transfer_method']);

const everyTool = [...createToolbox('both').keys()];

/** Names in a text that look like tools of ours and are none of these. */
export function unknownTools(text: string, tools: readonly string[] = everyTool): string[] {
  const names = new Set(text.match(LIKE_A_TOOL) ?? []);
  return [...names].filter((name) => !tools.includes(name) && !FIELDS.has(name));
}

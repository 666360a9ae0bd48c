import { createToolbox } from '../../src/tools/toolbox.ts';

/** A word that starts as the names of our tools do. */
const LIKE_A_TOOL = /\b(?:uploads?|downloads?|items?|clip|transfer)_[a-z_]+\b/g;

/** Words of that form that are names of fields. */
const FIELDS = new Set(['upload_id', 'item_id', 'item_ids', 'transfer_id', 'transfer_method']);

/** Names in a text that look like tools of ours and are none. */
export function unknownTools(text: string): string[] {
  const known = createToolbox('both');
  const names = new Set(text.match(LIKE_A_TOOL) ?? []);
  return [...names].filter((name) => !known.has(name) && !FIELDS.has(name));
}

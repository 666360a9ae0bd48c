import MiniSearch from 'minisearch';
import { catalogue } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';

let index: MiniSearch | undefined;

/** Operations by how well they fit a wish in plain words, the best first; empty if no word is known. */
export function rankOperations(wish: string): readonly Operation[] {
  index ??= indexOf(catalogue);
  return index.search(wish).flatMap(({ id }) => catalogue.filter((it) => it.id === id));
}

function indexOf(operations: readonly Operation[]): MiniSearch {
  const made = new MiniSearch({
    fields: ['name', 'summary', 'keywords'],
    searchOptions: { boost: { name: 3, keywords: 2 }, prefix: true, fuzzy: 0.2 },
  });
  made.addAll(
    operations.map(({ id, summary, keywords }) => ({
      id,
      name: id.replaceAll(/[._]/g, ' '),
      summary,
      keywords,
    })),
  );
  return made;
}

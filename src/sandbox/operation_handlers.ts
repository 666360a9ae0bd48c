import type { OperationHandlers } from './operation_handler.ts';
import { catalogOperations } from './operations/catalog.ts';
import { clipOperations } from './operations/clip.ts';
import { collectionOperations } from './operations/collections.ts';
import { glossaryOperations } from './operations/glossary.ts';
import { itemEdits } from './operations/item_edits.ts';
import { itemSearches } from './operations/item_search.ts';
import { itemOperations } from './operations/items.ts';
import { projectOperations } from './operations/projects.ts';
import { uploadOperations } from './operations/uploads.ts';

/** What the sandbox does for each operation of the catalogue, by operation id. */
export const operationHandlers: OperationHandlers = {
  ...uploadOperations,
  ...itemOperations,
  ...itemSearches,
  ...itemEdits,
  ...clipOperations,
  ...collectionOperations,
  ...projectOperations,
  ...catalogOperations,
  ...glossaryOperations,
};

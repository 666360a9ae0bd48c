import { clip } from './clip.ts';
import { items } from './items.ts';
import type { Operation } from './operation.ts';
import { uploads } from './uploads.ts';

/** Every operation that this project knows, in the order in which tools are listed. */
export const catalogue: readonly Operation[] = [uploads, items, clip].flatMap((resource) =>
  Object.values(resource),
);

import { z } from 'zod';
import { plainText } from '../../geopera/plain_text.ts';

/** Where a table goes. */
export interface OpteryxTarget {
  readonly workspace: string;
  readonly collection: string;
  readonly dataset: string;
}

/** What becomes of a dataset that is there already. */
export const CONFLICT_RESOLUTIONS = ['fail', 'append', 'overwrite'] as const;
export type ConflictResolution = (typeof CONFLICT_RESOLUTIONS)[number];

const name = (what: string) => z.string().min(1).describe(what);

/** The three names of a target, as members of a tool's input. */
export const targetFields = () => ({
  workspace: name('Workspace.'),
  collection: name('Collection in it.'),
  dataset: name('Dataset: the table.'),
});

export const conflictResolution = () =>
  z
    .enum(CONFLICT_RESOLUTIONS)
    .default('fail')
    .describe('If the dataset exists; overwrite asks first.');

/** A table as queries call it, in words that may be shown. */
export function tableOf({ workspace, collection, dataset }: OpteryxTarget): string {
  return plainText([workspace, collection, dataset].join('.'), 300);
}

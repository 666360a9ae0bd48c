import { operationById } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';

/** A job that tools do by several operations. */
export interface Composite {
  /** In the words of whoever wants it done. */
  readonly job: string;
  readonly operations: readonly Operation[];
  readonly scopes: readonly string[];
}

/** Jobs, and the operations that each stands on. */
const JOBS: Readonly<Record<string, readonly string[]>> = {
  'uploads of files': [
    'uploads.initiate',
    'uploads.signed_url',
    'uploads.progress',
    'uploads.complete',
    'uploads.fail',
  ],
  'downloads of assets': ['items.list_assets', 'items.asset.download'],
  'making clips': ['clip.create_from_item', 'clip.job.get'],
  'downloads of clips': ['clip.job.get', 'clip.job.downloads', 'clip.job.download'],
};

export const COMPOSITES: readonly Composite[] = Object.entries(JOBS).map(([job, ids]) => {
  const operations = ids.flatMap((id) => operationById(id) ?? []);
  return { job, operations, scopes: [...new Set(operations.map(({ scope }) => scope))] };
});

import { catalogue } from '../../operations/catalogue.ts';
import { DEFAULT_TOOLSET, EVERY_TOOLSET, OPERATIONS_TOOLSET } from './tool_selection.ts';

/** Operations that are listed by default: those of a transfer, and what is asked most. */
const DEFAULT_OPERATIONS: ReadonlySet<string> = new Set([
  'uploads.initiate',
  'uploads.signed_url',
  'uploads.progress',
  'uploads.complete',
  'uploads.fail',
  'items.asset.download',
  'clip.job.downloads',
  'clip.job.download',
  'items.search',
  'items.list_assets',
  'collections.list',
  'clip.jobs.list',
]);

/** The toolset of an operation: the first part of its id. */
export function resourceOf(operationId: string): string {
  return operationId.split('.')[0] ?? operationId;
}

/** The toolsets of an operation's own tool. */
export function toolsetsOf(operationId: string): readonly string[] {
  const own = resourceOf(operationId);
  return DEFAULT_OPERATIONS.has(operationId) ? [DEFAULT_TOOLSET, own] : [own];
}

/** Every name that a toolset has. */
export function toolsetNames(): readonly string[] {
  const resources = new Set(catalogue.map(({ id }) => resourceOf(id)));
  return [DEFAULT_TOOLSET, EVERY_TOOLSET, OPERATIONS_TOOLSET, ...resources];
}

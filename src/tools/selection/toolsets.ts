import { catalogue } from '../../operations/catalogue.ts';
import { DEFAULT_TOOLSET, EVERY_TOOLSET } from './tool_selection.ts';

/** Those that move files need the two that follow and stop what they began. */
const TRANSFERS = ['uploads', 'items', 'clip'] as const;
/** Tools by which every operation is found and called. */
const OPERATIONS = ['operations'] as const;

/** The toolsets of what is no single operation; a tool of an operation is of its resource's. */
export const TOOLSETS_OF: Readonly<Record<string, readonly string[]>> = {
  upload_local_file: ['uploads'],
  upload_local_files: ['uploads'],
  upload_from_url: ['uploads'],
  create_upload_link: ['uploads'],
  finish_upload: ['uploads'],
  download_asset_to_path: ['items'],
  download_clip_to_path: ['clip'],
  transfer_status: TRANSFERS,
  transfer_cancel: TRANSFERS,
  search_operations: OPERATIONS,
  describe_operation: OPERATIONS,
  call_read_operation: OPERATIONS,
  call_write_operation: OPERATIONS,
  call_destructive_operation: OPERATIONS,
};

/** Operations that are listed by default: those of a transfer, and what is asked most. */
export const DEFAULT_OPERATIONS: ReadonlySet<string> = new Set([
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
  'clip.create_from_item',
]);

/** The toolset of an operation: the first part of its id. */
export function resourceOf(operationId: string): string {
  return operationId.split('.')[0] ?? operationId;
}

/** Every name that a toolset has. */
export function toolsetNames(): readonly string[] {
  const resources = new Set(catalogue.map(({ id }) => resourceOf(id)));
  return [DEFAULT_TOOLSET, EVERY_TOOLSET, 'operations', ...resources];
}

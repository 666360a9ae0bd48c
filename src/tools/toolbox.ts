import { catalogue } from '../operations/catalogue.ts';
import { createUploadLink } from './create_upload_link.ts';
import { downloadAssetToPath } from './download_asset_to_path.ts';
import { downloadClipToPath } from './download_clip_to_path.ts';
import type { FileAccess } from './file_access.ts';
import { finishUpload } from './finish_upload.ts';
import { operationTool } from './operation_tool.ts';
import type { Tool, ToolListing } from './tool.ts';
import { transferCancel } from './transfer_cancel.ts';
import { transferStatus } from './transfer_status.ts';
import { uploadFromUrl } from './upload_from_url.ts';
import { uploadLocalFile } from './upload_local_file.ts';
import { uploadLocalFiles } from './upload_local_files.ts';

/** Set by scripts/build.mjs, which saves each start the work; absent where the source runs unbundled. */
declare const __TOOL_LISTINGS__: Readonly<Record<string, ToolListing>> | undefined;

const BY_PATH: readonly Tool[] = [
  uploadLocalFile,
  uploadLocalFiles,
  downloadAssetToPath,
  downloadClipToPath,
];
const BY_LINK: readonly Tool[] = [uploadFromUrl, createUploadLink, finishUpload];

const FILE_TOOLS: Readonly<Record<FileAccess, readonly Tool[]>> = {
  paths: BY_PATH,
  links: BY_LINK,
  both: [...BY_PATH, ...BY_LINK],
};

/** Every tool, those that do whole jobs first. Throws if two share a name. */
export function createToolbox(access: FileAccess): ReadonlyMap<string, Tool> {
  const tools = [
    ...FILE_TOOLS[access],
    transferStatus,
    transferCancel,
    ...catalogue.map(operationTool),
  ];
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  if (byName.size !== tools.length) throw new Error('two tools share a name');
  return byName;
}

/** What `tools/list` answers. */
export function toolListings(toolbox: ReadonlyMap<string, Tool>): ToolListing[] {
  const known = typeof __TOOL_LISTINGS__ === 'undefined' ? {} : __TOOL_LISTINGS__;
  return [...toolbox.values()].map((tool) => known[tool.name] ?? tool.listing);
}

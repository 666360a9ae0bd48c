import { catalogue } from '../operations/catalogue.ts';
import { downloadAssetToPath } from './download_asset_to_path.ts';
import { downloadClipToPath } from './download_clip_to_path.ts';
import { operationTool } from './operation_tool.ts';
import type { Tool, ToolListing } from './tool.ts';
import { transferCancel } from './transfer_cancel.ts';
import { transferStatus } from './transfer_status.ts';
import { uploadLocalFile } from './upload_local_file.ts';
import { uploadLocalFiles } from './upload_local_files.ts';

/** Set by scripts/build.mjs, which saves each start the work; absent where the source runs unbundled. */
declare const __TOOL_LISTINGS__: readonly ToolListing[] | undefined;

/** Every tool, those that do whole jobs first. Throws if two share a name. */
export function createToolbox(): ReadonlyMap<string, Tool> {
  const tools = [
    uploadLocalFile,
    uploadLocalFiles,
    downloadAssetToPath,
    downloadClipToPath,
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
  if (typeof __TOOL_LISTINGS__ !== 'undefined') return [...__TOOL_LISTINGS__];
  return [...toolbox.values()].map(({ listing }) => listing);
}

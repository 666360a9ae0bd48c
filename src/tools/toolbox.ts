import { createUploadLink } from './create_upload_link.ts';
import { downloadAssetToPath } from './download_asset_to_path.ts';
import { downloadClipToPath } from './download_clip_to_path.ts';
import type { FileAccess } from './file_access.ts';
import { finishUpload } from './finish_upload.ts';
import { OPERATION_CALLERS } from './operations/call_operation.ts';
import { describeOperation } from './operations/describe_operation.ts';
import { operationTools } from './operations/operation_tool.ts';
import { saveAnswerToPath } from './operations/save_answer_to_path.ts';
import { searchOperations } from './operations/search_operations.ts';
import { NO_WISHES, type SelectableTool, ToolSelection } from './selection/tool_selection.ts';
import type { Tool, ToolListing } from './tool.ts';
import { transferCancel } from './transfer_cancel.ts';
import { transferStatus } from './transfer_status.ts';
import { uploadFromUrl } from './upload_from_url.ts';
import { uploadLocalFile } from './upload_local_file.ts';
import { uploadLocalFiles } from './upload_local_files.ts';

/** The way in which a server over stdio has it: one is started for each client, often. */
const BUILT_FOR: FileAccess = 'paths';

/** Set by scripts/build.mjs, which saves such a start the work; absent where the source runs unbundled. */
declare const __TOOL_LISTINGS__: Readonly<Record<string, ToolListing>> | undefined;

const BY_PATH: readonly Tool[] = [
  uploadLocalFile,
  uploadLocalFiles,
  downloadAssetToPath,
  downloadClipToPath,
  saveAnswerToPath,
];
const BY_LINK: readonly Tool[] = [uploadFromUrl, createUploadLink, finishUpload];

const FILE_TOOLS: Readonly<Record<FileAccess, readonly Tool[]>> = {
  paths: BY_PATH,
  links: BY_LINK,
  both: [...BY_PATH, ...BY_LINK],
};

export type Toolbox = ReadonlyMap<string, Tool>;

/** The tools that are selected, those that do whole jobs first; with those for other services. Throws if two share a name. */
export function createToolbox(
  access: FileAccess,
  selection = ToolSelection.of(NO_WISHES),
  services: readonly Tool[] = [],
): Toolbox {
  const tools = [
    ...[...jobTools(access), ...services].filter((tool) => selection.offers(selectable(tool))),
    ...operationTools(selection),
  ];
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  if (byName.size !== tools.length) throw new Error('two tools share a name');
  return byName;
}

/** Those of a toolbox that a selection offers. */
export function selected(toolbox: Toolbox, selection: ToolSelection): Toolbox {
  return new Map([...toolbox].filter(([, tool]) => selection.offers(selectable(tool))));
}

function jobTools(access: FileAccess): readonly Tool[] {
  return [
    ...FILE_TOOLS[access],
    transferStatus,
    transferCancel,
    searchOperations,
    describeOperation,
    ...OPERATION_CALLERS,
  ];
}

function selectable({ name, toolsets, hints }: Tool): SelectableTool {
  return { name, toolsets, readOnly: hints.readOnlyHint };
}

/** What `tools/list` answers to clients whose files reach the server in this way. */
export function toolListings(toolbox: Toolbox, access: FileAccess): ToolListing[] {
  const isBuilt = access === BUILT_FOR && typeof __TOOL_LISTINGS__ !== 'undefined';
  const known = isBuilt ? __TOOL_LISTINGS__ : {};
  return [...toolbox.values()].map((tool) => known[tool.name] ?? tool.listing);
}

import { catalogue } from '../operations/catalogue.ts';
import { downloadAssetToPath } from './download_asset_to_path.ts';
import { downloadClipToPath } from './download_clip_to_path.ts';
import { operationTool } from './operation_tool.ts';
import type { Tool } from './tool.ts';
import { uploadLocalFile } from './upload_local_file.ts';
import { uploadLocalFiles } from './upload_local_files.ts';

/** Every tool, composite tools first. Throws if two share a name. */
export function createToolbox(): ReadonlyMap<string, Tool> {
  const tools = [
    uploadLocalFile,
    uploadLocalFiles,
    downloadAssetToPath,
    downloadClipToPath,
    ...catalogue.map(operationTool),
  ];
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  if (byName.size !== tools.length) throw new Error('two tools share a name');
  return byName;
}

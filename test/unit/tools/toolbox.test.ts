import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../src/operations/catalogue.ts';
import type { FileAccess } from '../../../src/tools/file_access.ts';
import { toolName } from '../../../src/tools/tool_name.ts';
import { createToolbox } from '../../../src/tools/toolbox.ts';

describe('the toolbox', () => {
  const byPath = [
    'upload_local_file',
    'upload_local_files',
    'download_asset_to_path',
    'download_clip_to_path',
  ];
  const byLink = ['upload_from_url', 'create_upload_link', 'finish_upload'];
  const rest = ['transfer_status', 'transfer_cancel', ...catalogue.map(({ id }) => toolName(id))];

  it.each<[FileAccess, readonly string[]]>([
    ['paths', byPath],
    ['links', byLink],
    ['both', [...byPath, ...byLink]],
  ])(
    'for files by %s has the tools for these first, then one for each operation',
    (access, own) => {
      expect([...createToolbox(access).keys()]).toEqual([...own, ...rest]);
    },
  );

  it('holds each tool under its own name', () => {
    for (const [name, tool] of createToolbox('both')) {
      expect([tool.name, tool.listing.name]).toEqual([name, name]);
    }
  });
});

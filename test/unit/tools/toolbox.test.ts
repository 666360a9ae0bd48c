import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../src/operations/catalogue.ts';
import type { FileAccess } from '../../../src/tools/file_access.ts';
import { toolName } from '../../../src/tools/tool_name.ts';
import { createToolbox } from '../../../src/tools/toolbox.ts';
import { everyTool } from './every_tool.ts';

describe('the toolbox', () => {
  const byPath = [
    'upload_local_file',
    'upload_local_files',
    'download_asset_to_path',
    'download_clip_to_path',
    'save_answer_to_path',
  ];
  const byLink = ['upload_from_url', 'create_upload_link', 'finish_upload'];
  const always = [
    'transfer_status',
    'transfer_cancel',
    'search_operations',
    'describe_operation',
    'call_read_operation',
    'call_write_operation',
    'call_destructive_operation',
  ];
  const operations = catalogue.map(({ id }) => toolName(id));

  it.each<[FileAccess, readonly string[]]>([
    ['paths', byPath],
    ['links', byLink],
    ['both', [...byPath, ...byLink]],
  ])(
    'for files by %s has the tools for these first, then one for each operation',
    (access, own) => {
      expect([...everyTool(access).keys()]).toEqual([...own, ...always, ...operations]);
    },
  );

  it.each<FileAccess>(['paths', 'links', 'both'])(
    'is short unless more is asked for, in the same order: for files by %s',
    (access) => {
      const names = [...createToolbox(access).keys()];
      const every = [...everyTool(access).keys()];
      expect(names).toEqual(every.filter((name) => names.includes(name)));
      expect(names.length).toBeLessThan(30);
    },
  );

  it('holds each tool under its own name', () => {
    for (const [name, tool] of everyTool('both')) {
      expect([tool.name, tool.listing.name]).toEqual([name, name]);
    }
  });
});

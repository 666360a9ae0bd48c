import { basename } from 'node:path';
import { z } from 'zod';
import { uploads } from '../operations/uploads.ts';
import { resolveSource } from '../transfer/files/allowed_folders.ts';
import { hints } from './effect_hints.ts';
import { localFiles } from './local_files.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool } from './tool.ts';
import { transferOutput } from './transfer_facts.ts';
import { uploadAnswered, uploadOutline } from './upload_answer.ts';
import { namedFile, oneFileOptions, uploadOptions } from './upload_arguments.ts';

const NAME = 'upload_local_file';

export const uploadLocalFile = defineTool({
  name: NAME,
  title: 'Upload a local file',
  description:
    'Upload one file of this machine into a Geopera project and make it a STAC item. Does the whole session and verifies the bytes; on any failure the reserved quota is released. Answers the new item ids. Goes on after wait_seconds: follow it with transfer_status. The path must lie in an allowed folder.',
  toolsets: [DEFAULT_TOOLSET, 'uploads'],
  hints: hints({}),
  scope: uploads.initiate.scope,
  input: () =>
    z
      .object({
        path: z.string().min(1).describe('File on this machine.'),
        ...uploadOptions(),
        ...oneFileOptions('the name of the file'),
      })
      .strict(),
  output: () => transferOutput(uploadOutline()),
  async run(input, call) {
    const path = await resolveSource(input.path, await call.folders());
    const fileName = input.file_name ?? basename(path);
    const file = { path, ...namedFile(NAME, fileName, input.content_type) };
    return uploadAnswered(await localFiles([file]), input, call);
  },
});

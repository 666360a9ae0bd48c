import { basename } from 'node:path';
import { z } from 'zod';
import { uploads } from '../operations/uploads.ts';
import { resolveSource } from '../transfer/files/allowed_folders.ts';
import { InvalidArguments } from './arguments.ts';
import { hints } from './effect_hints.ts';
import { type LocalFile, localFiles } from './local_files.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool } from './tool.ts';
import { transferOutput } from './transfer_facts.ts';
import { uploadAnswered, uploadOutline } from './upload_answer.ts';
import { namedFile, uploadOptions } from './upload_arguments.ts';

const NAME = 'upload_local_files';
/** Each file stays open through the session, so that it cannot be swapped; descriptors are few. */
const MAX_FILES = 500;

export const uploadLocalFiles = defineTool({
  name: NAME,
  title: 'Upload several local files',
  description:
    'Upload several files of this machine into a Geopera project as one session: all of them arrive, or none is completed and the reserved quota is released. For files that belong together, such as the bands of a scene; their names must differ. Goes on after wait_seconds: follow it with transfer_status.',
  toolsets: [DEFAULT_TOOLSET, 'uploads'],
  hints: hints({}),
  scope: uploads.initiate.scope,
  input: () =>
    z
      .object({
        paths: z.array(z.string().min(1)).min(1).max(MAX_FILES).describe('Files on this machine.'),
        ...uploadOptions(),
      })
      .strict(),
  output: () => transferOutput(uploadOutline()),
  async run(input, call) {
    const folders = await call.folders();
    const files: LocalFile[] = [];
    for (const asked of input.paths) {
      const path = await resolveSource(asked, folders);
      files.push({ path, ...namedFile(NAME, basename(path), input.content_type) });
    }
    refuseSameNames(files);
    return uploadAnswered(await localFiles(files), input, call);
  },
});

function refuseSameNames(files: readonly LocalFile[]): void {
  const seen = new Set<string>();
  for (const { fileName } of files) {
    if (seen.has(fileName)) {
      throw new InvalidArguments(NAME, [
        `paths: two files are named ${fileName}, and one would replace the other in the session`,
      ]);
    }
    seen.add(fileName);
  }
}

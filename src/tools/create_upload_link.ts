import { z } from 'zod';
import { uploads } from '../operations/uploads.ts';
import type { LinkedFile } from '../workflows/linked_session.ts';
import { openUploadLink, signUploadLink, type UploadLink } from '../workflows/upload_link.ts';
import { InvalidArguments } from './arguments.ts';
import { curlCommand } from './curl_command.ts';
import { EFFECT_HINTS } from './effect_hints.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool, type ToolCall } from './tool.ts';
import { namedFile, uploadOptions } from './upload_arguments.ts';

const NAME = 'create_upload_link';
const MAX_FILES = 20;
/** The largest object that storage takes. */
const MAX_BYTES = 5 * 1024 ** 4;

const { project_id, content_type, target_collection_id, target_item_id, is_categorical } =
  uploadOptions();

/** What is said of a session when it is opened, and stays. */
const placeFields = {
  project_id: project_id
    .optional()
    .describe('Project that receives the data, for a new session. Give this or upload_id.'),
  target_collection_id,
  target_item_id,
  asset_key: z.string().optional().describe('Asset key to use with target_item_id.'),
  is_categorical,
};

const inputModel = z
  .object({
    ...placeFields,
    upload_id: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Instead of project_id: an upload session that is open, to have fresh links for files of it.',
      ),
    files: z
      .array(
        z
          .object({
            file_name: z.string().min(1).max(255).describe('Name of the file, without a folder.'),
            bytes: z.number().int().min(0).max(MAX_BYTES).describe('Its exact size.'),
            content_type,
          })
          .strict(),
      )
      .min(1)
      .max(MAX_FILES)
      .describe('The files, all of one session; their names must differ.'),
  })
  .strict();

type Input = z.output<typeof inputModel>;

export const createUploadLink = defineTool({
  name: NAME,
  title: 'Create upload links',
  description:
    'Get a curl command for each file that is to go from another machine into a Geopera project. Reserves quota for the sizes given. Run each command, or have the user run it, in the folder of its file; then call finish_upload. Each holds a secret link, for the one who runs it alone. Links expire: call again with upload_id for fresh ones. A session not finished by its deadline is failed.',
  toolsets: [DEFAULT_TOOLSET, 'uploads'],
  hints: EFFECT_HINTS[uploads.initiate.effect],
  scope: uploads.initiate.scope,
  input: () => inputModel,
  output: () =>
    z.object({
      upload_id: z.string(),
      files: z.array(z.object({ file_name: z.string(), command: z.string() }).passthrough()),
    }),
  async run(input, call) {
    const files = linkedFiles(input);
    return { facts: linkFacts(await uploadLink(input, files, call)) };
  },
});

async function uploadLink(
  input: Input,
  files: readonly LinkedFile[],
  { owner, context, signal }: ToolCall,
): Promise<UploadLink> {
  const { upload_id: uploadId, project_id: projectId } = input;
  if (uploadId !== undefined) {
    refusePlace(input);
    return signUploadLink({ owner, uploadId }, files, signal, context);
  }
  if (projectId === undefined) {
    throw new InvalidArguments(NAME, ['project_id: Required, unless upload_id is given']);
  }
  const request = {
    owner,
    projectId,
    files,
    targetCollectionId: input.target_collection_id,
    targetItemId: input.target_item_id,
    assetKey: input.asset_key,
    isCategorical: input.is_categorical,
  };
  return openUploadLink(request, signal, context);
}

/** Where a session's data goes cannot be changed once it is open. */
function refusePlace(input: Input): void {
  const given = Object.keys(placeFields).filter((name) => Object.hasOwn(input, name));
  if (given.length === 0) return;
  throw new InvalidArguments(
    NAME,
    given.map((name) => `${name}: not together with upload_id, whose session has it already`),
  );
}

function linkedFiles({ files }: Input): LinkedFile[] {
  const named = files.map((file) => ({
    ...namedFile(NAME, file.file_name, file.content_type),
    bytes: file.bytes,
  }));
  const names = new Set(named.map(({ fileName }) => fileName));
  if (names.size === named.length) return named;
  throw new InvalidArguments(NAME, [
    'files: two have the same name, and one would replace the other in the session',
  ]);
}

function linkFacts({ uploadId, files, expiresAt, heldUntil }: UploadLink) {
  return {
    upload_id: uploadId,
    ...(expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() }),
    ...(heldUntil === undefined ? {} : { deadline: new Date(heldUntil).toISOString() }),
    files: files.map((file) => ({
      file_name: file.fileName,
      bytes: file.bytes,
      command: curlCommand(file),
    })),
    next: `Run each command, or have the user run it, in the folder of its file (on Windows in Git Bash or WSL, since it is written for a POSIX shell); the links in them are secrets. Then call finish_upload with upload_id ${uploadId}. If a link has expired, ${NAME} with this upload_id and the file signs a fresh one; uploads.fail gives the session up.`,
  };
}

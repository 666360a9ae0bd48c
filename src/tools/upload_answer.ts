import { z } from 'zod';
import { filesInWords } from '../connectors/files_in_words.ts';
import { uploads } from '../operations/uploads.ts';
import type { FileToUpload } from '../workflows/upload_request.ts';
import {
  type UploadedFile,
  type UploadSessionOutcome,
  uploadSession,
} from '../workflows/upload_session.ts';
import { completionFacts, completionFields } from './completion_facts.ts';
import { runTransfer } from './run_transfer.ts';
import type { ToolAnswer, ToolCall } from './tool.ts';
import type { uploadOptions } from './upload_arguments.ts';

/** What an upload tool sends. */
export interface FilesToSend {
  readonly files: readonly FileToUpload[];
  /** What tells these bytes from others that would go to the same place under the same names. */
  readonly state: readonly unknown[];
  /** Where it is known before they are opened. */
  readonly bytesTotal?: number;
}

type UploadOptions = z.output<z.ZodObject<ReturnType<typeof uploadOptions>>> & {
  readonly wait_seconds: number;
  readonly asset_key?: string | undefined;
};

const sentFile = z.object({
  file_name: z.string(),
  bytes: z.number(),
  crc32c: z.string().describe('Base64, computed while sending.'),
  storage_crc32c: z.string().optional().describe('What storage says it holds.'),
  sha256: z.string().optional(),
  verified: z.string().describe('What was compared with storage: crc32c, md5, size or none.'),
});

const { item_ids, note, next } = completionFields();

/** What every upload tool answers in the end. */
const uploadAnswer = z.object({
  upload_id: z.string(),
  item_ids,
  bytes: z.number(),
  seconds: z.number(),
  files: z.array(sentFile.passthrough()),
  note,
  next,
});

/** What programs read of it. */
export const uploadOutline = () =>
  uploadAnswer.pick({ upload_id: true, item_ids: true, bytes: true });

/** The outcome of an upload session as a model reads it. */
function uploadFacts(outcome: UploadSessionOutcome): z.output<typeof uploadAnswer> {
  return {
    upload_id: outcome.uploadId,
    bytes: outcome.bytes,
    seconds: Math.round(outcome.seconds * 1000) / 1000,
    files: outcome.files.map(fileFacts),
    ...completionFacts(outcome),
  };
}

function fileFacts(file: UploadedFile): z.output<typeof sentFile> {
  return {
    file_name: file.fileName,
    bytes: file.bytes,
    crc32c: file.crc32c,
    ...(file.storage.crc32c === undefined ? {} : { storage_crc32c: file.storage.crc32c }),
    ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
    verified: file.verified,
  };
}

/** Uploads files as one session, by what an upload tool was given, and tells the outcome. */
export async function uploadAnswered(
  { files, state, bytesTotal }: FilesToSend,
  options: UploadOptions,
  call: ToolCall,
): Promise<ToolAnswer> {
  const request = {
    projectId: options.project_id,
    files,
    targetCollectionId: options.target_collection_id,
    targetItemId: options.target_item_id,
    assetKey: options.asset_key,
    isCategorical: options.is_categorical,
    sha256: options.sha256,
  };
  const { context } = call;
  return runTransfer(
    {
      kind: 'upload',
      what: filesInWords(files.map(({ fileName }) => fileName)),
      bytesTotal,
      sameAs: ['upload', request, state],
      waitSeconds: options.wait_seconds,
      async prepare() {
        await context.scopes.require(uploads.initiate.scope, uploads.initiate.id, call.signal);
        return async (act) => ({ facts: uploadFacts(await uploadSession(request, act, context)) });
      },
    },
    call,
  );
}

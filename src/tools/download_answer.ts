import { basename } from 'node:path';
import { z } from 'zod';
import { plainText } from '../geopera/plain_text.ts';
import type { Operation } from '../operations/operation.ts';
import type { Act } from '../transfer/act.ts';
import type { DownloadReceipt } from '../transfer/download.ts';
import { resolveTarget } from '../transfer/files/allowed_folders.ts';
import type { downloadOptions } from './download_arguments.ts';
import { runTransfer } from './run_transfer.ts';
import type { ToolAnswer, ToolCall } from './tool.ts';

type DownloadOptions = z.output<z.ZodObject<ReturnType<typeof downloadOptions>>>;

/** What both download tools answer in the end. */
const downloadAnswer = z.object({
  path: z.string().describe('The file, whole.'),
  bytes: z.number(),
  crc32c: z.string().describe('Base64, computed while saving.'),
  sha256: z.string().optional(),
  verified: z.string().describe('What was compared: sha256, crc32c, md5, size or none.'),
  verified_against: z.string().optional().describe('Who stated it.'),
  media_type: z.string().optional(),
  resumed_bytes: z
    .number()
    .optional()
    .describe('Of the bytes, those that an earlier call had left.'),
});

/** What programs read of it. */
export const downloadOutline = () =>
  downloadAnswer.pick({ path: true, bytes: true, verified: true });

/** A finished download as a model reads it, with a link to the file. */
export function downloadAnswered(
  receipt: DownloadReceipt,
  more: Readonly<Record<string, unknown>> = {},
): ToolAnswer {
  const facts: z.output<typeof downloadAnswer> = {
    path: receipt.path,
    bytes: receipt.bytes,
    crc32c: receipt.crc32c,
    ...(receipt.sha256 === undefined ? {} : { sha256: receipt.sha256 }),
    verified: receipt.verified,
    ...(receipt.verifiedAgainst === undefined ? {} : { verified_against: receipt.verifiedAgainst }),
    ...(receipt.mediaType === undefined ? {} : { media_type: receipt.mediaType }),
    ...(receipt.resumedBytes === undefined ? {} : { resumed_bytes: receipt.resumedBytes }),
  };
  return {
    facts: { ...facts, ...more },
    file: { path: receipt.path, bytes: receipt.bytes, mediaType: receipt.mediaType },
  };
}

/** Runs a download as a transfer, by what a download tool was given. */
export function downloadTransfer<Input extends DownloadOptions>(
  needs: Pick<Operation, 'id' | 'scope'>,
  input: Input,
  call: ToolCall,
  download: (path: string, act: Act) => Promise<ToolAnswer>,
): Promise<ToolAnswer> {
  const { wait_seconds: waitSeconds, ...asked } = input;
  return runTransfer(
    {
      kind: 'download',
      what: plainText(basename(asked.path), 80),
      sameAs: [needs.id, asked],
      waitSeconds,
      async prepare() {
        const { overwrite } = asked;
        const path = await resolveTarget(asked.path, await call.folders(), { overwrite });
        await call.context.scopes.require(needs.scope, needs.id, call.signal);
        return (act) => download(path, act);
      },
    },
    call,
  );
}

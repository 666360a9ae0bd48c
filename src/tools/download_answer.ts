import { z } from 'zod';
import type { DownloadReceipt } from '../transfer/download.ts';
import type { ToolAnswer } from './tool.ts';

/** What both download tools answer. */
export const downloadAnswer = z.object({
  path: z.string().describe('The file, whole.'),
  bytes: z.number(),
  crc32c: z.string().describe('Base64, computed while saving.'),
  sha256: z.string().optional(),
  verified: z.string().describe('What was compared: sha256, crc32c, md5, size or none.'),
  verified_against: z.string().optional().describe('Who stated it.'),
  media_type: z.string().optional(),
});

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
  };
  return {
    facts: { ...facts, ...more },
    file: { path: receipt.path, bytes: receipt.bytes, mediaType: receipt.mediaType },
  };
}

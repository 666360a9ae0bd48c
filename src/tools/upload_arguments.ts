import { z } from 'zod';
import { plainText } from '../geopera/plain_text.ts';
import { contentTypeOf } from '../workflows/content_types.ts';
import type { NamedFile } from '../workflows/upload_request.ts';
import { InvalidArguments } from './arguments.ts';
import { wantSha256 } from './sha256_argument.ts';
import { waitSeconds } from './transfer_facts.ts';

/** Printable ASCII as RFC 9110 has it for a media type: nothing that could end a header line. */
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+( *; *[\w.+-]+=[\w.+-]+)*$/;

const isMediaType = (text: string) => text.length <= 200 && MEDIA_TYPE.test(text);

/** What every upload tool takes beside its files. */
export const uploadOptions = () => ({
  project_id: z.string().min(1).describe('Project that receives the data.'),
  content_type: z
    .string()
    // Not as a pattern: that would be three times the rest of the field in every list.
    .refine(isMediaType, 'not a media type such as image/tiff')
    .optional()
    .describe('Media type; guessed from the name if absent.'),
  target_collection_id: z.string().optional().describe('Collection for the new items.'),
  target_item_id: z.string().optional().describe('Item to add the data to, instead of a new one.'),
  is_categorical: z.boolean().optional().describe('True for class rasters such as land cover.'),
  sha256: wantSha256(),
  wait_seconds: waitSeconds(),
});

/**
 * What a tool takes beside that, which uploads one file.
 *
 * @param otherwise what the file is called if no name is given
 */
export const oneFileOptions = (otherwise: string) => ({
  file_name: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe(`Name in Geopera; ${otherwise} if absent.`),
  asset_key: z.string().optional().describe('Asset key to use with target_item_id.'),
});

/** A name in the session, not a path: no separator, nothing invisible, neither of the two dots. */
const FILE_NAME = /^(?!\.{1,2}$)[^/\\\p{C}]{1,255}$/u;

/** What a file is called in Geopera. Throws `InvalidArguments` if none could be called that. */
export function namedFile(
  tool: string,
  fileName: string,
  contentType = contentTypeOf(fileName),
): NamedFile {
  if (FILE_NAME.test(fileName)) return { fileName, contentType };
  throw new InvalidArguments(tool, [
    `'${plainText(fileName, 80)}' cannot be the name of a file in Geopera: it is too long, a path, or has invisible characters`,
  ]);
}

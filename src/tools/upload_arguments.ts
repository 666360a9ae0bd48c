import { z } from 'zod';
import { plainText } from '../geopera/plain_text.ts';
import { InvalidArguments } from './arguments.ts';

/** Printable ASCII as RFC 9110 has it for a media type: nothing that could end a header line. */
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+( *; *[\w.+-]+=[\w.+-]+)*$/;

export const projectId = () => z.string().min(1).describe('Project that receives the data.');

export const mediaType = () =>
  z
    .string()
    .max(200)
    .regex(MEDIA_TYPE, 'not a media type such as image/tiff')
    .optional()
    .describe('Media type to store; guessed from the file name if absent.');

export const targetCollection = () =>
  z.string().optional().describe('Collection for the new items.');

export const targetItem = () =>
  z.string().optional().describe('Existing item to add the data to, instead of a new item.');

export const categorical = () =>
  z.boolean().optional().describe('True for class rasters such as land cover.');

/** A name in the session, not a path: no separator, nothing invisible, neither of the two dots. */
const FILE_NAME = /^(?!\.{1,2}$)[^/\\\p{C}]{1,255}$/u;

/** The name that a file gets in Geopera. Throws `InvalidArguments` before anything is reserved. */
export function sessionFileName(tool: string, name: string): string {
  if (FILE_NAME.test(name)) return name;
  throw new InvalidArguments(tool, [
    `file_name: '${plainText(name, 80)}' cannot be the name of a file in Geopera: it is too long, a path, or has invisible characters`,
  ]);
}

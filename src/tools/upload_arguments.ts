import { z } from 'zod';

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

export const wantSha256 = () =>
  z.boolean().optional().describe('Also compute the SHA-256 of the bytes moved.');

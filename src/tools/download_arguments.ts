import { z } from 'zod';
import { wantSha256 } from './sha256_argument.ts';
import { waitSeconds } from './transfer_facts.ts';

/** What every download tool takes beside the thing to download. */
export const downloadOptions = () => ({
  path: z.string().min(1).describe('File to make; its folder must exist and be allowed.'),
  overwrite: z.boolean().default(false).describe('Replace the file if it exists.'),
  sha256: wantSha256(),
  wait_seconds: waitSeconds(),
});

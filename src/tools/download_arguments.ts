import { z } from 'zod';

export const targetPath = () =>
  z
    .string()
    .min(1)
    .describe('File to make on this machine; its folder must exist and be an allowed one.');

export const overwriteFlag = () =>
  z.boolean().default(false).describe('Replace the file if it exists.');

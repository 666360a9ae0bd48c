import { z } from 'zod';
import { TRANSFER_METHODS } from '../operations/uploads.ts';

const GIBIBYTE = 1024 ** 3;

/** Defaults and bounds of everything that can be set on a sandbox but its folder and port. */
export const settingsSchema = z.object({
  quotaBytes: z
    .number()
    .int()
    .min(0)
    .default(10 * GIBIBYTE),
  openingCredits: z.number().int().min(0).default(50_000),
  egressBytes: z.number().int().min(0).default(Number.MAX_SAFE_INTEGER),
  urlLifetimeSeconds: z.number().int().min(1).default(900),
  expiredStatus: z.union([z.literal(400), z.literal(403)]).default(400),
  transferMethods: z
    .array(z.string())
    .readonly()
    .default([...TRANSFER_METHODS]),
  clipDownload: z.enum(['json', 'redirect', 'bytes']).default('json'),
  clipSteps: z.number().int().min(1).default(2),
  assetIds: z.enum(['key', 'record']).default('key'),
  now: z
    .function()
    .args()
    .returns(z.date())
    .default(() => () => new Date()),
});

export type Settings = z.output<typeof settingsSchema>;

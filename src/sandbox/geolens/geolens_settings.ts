import { z } from 'zod';

const MEBIBYTE = 1024 ** 2;
const PART_BYTES = 10 * MEBIBYTE;
/** S3 refuses to assemble smaller parts, the last one apart. */
const S3_MIN_PART_BYTES = 5 * MEBIBYTE;

/** What an instance takes unless its operator says otherwise (GeoLens 1.14.2). */
const EXTENSIONS = [
  '.zip',
  '.gpkg',
  '.geojson',
  '.json',
  '.csv',
  '.tif',
  '.tiff',
  '.xlsx',
  '.xls',
  '.parquet',
];

const bytes = () => z.number().int().min(1);

/** Defaults and bounds of what can be set on the emulator but its port. */
export const geolensSettingsSchema = z
  .object({
    now: z
      .function()
      .args()
      .returns(z.date())
      .default(() => () => new Date()),
    presignedUploads: z.boolean().default(true),
    thresholdBytes: bytes().default(100 * MEBIBYTE),
    partBytes: bytes().default(PART_BYTES),
    minPartBytes: z.number().int().min(0).optional(),
    maxFileBytes: bytes().default(500 * MEBIBYTE),
    allowedExtensions: z.array(z.string().startsWith('.')).readonly().default(EXTENSIONS),
    datasetQuota: z.number().int().min(0).nullable().default(null),
    storageQuotaBytes: z.number().int().min(0).nullable().default(null),
    jobSeconds: z.number().int().min(1).default(3600),
    signatures: z.enum(['v2', 'v4']).default('v2'),
    jobSteps: z.number().int().min(1).default(3),
  })
  .transform(({ minPartBytes, ...settings }) => ({
    ...settings,
    // Who makes parts small for a test wants them assembled.
    minPartBytes: minPartBytes ?? (settings.partBytes < S3_MIN_PART_BYTES ? 0 : S3_MIN_PART_BYTES),
  }));

export type GeolensSettings = z.output<typeof geolensSettingsSchema>;

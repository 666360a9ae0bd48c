import { extname } from 'node:path';
import { ProblemError } from '../problems.ts';
import type { GeolensWorld } from './geolens_world.ts';

/**
 * Judges a file by its name.
 *
 * @param status what a kind that the instance does not take is answered with
 * @throws ProblemError
 */
export function requireKind({ settings }: GeolensWorld, filename: string, status: 400 | 500): void {
  const extension = extname(filename).toLowerCase();
  if (extension === '.vrt') {
    throw new ProblemError(422, 'A VRT cannot be uploaded by itself');
  }
  if (settings.allowedExtensions.includes(extension)) return;
  throw new ProblemError(
    status,
    // The check of a presigned upload fails outside of what would put it into words.
    status === 500 ? 'Internal Server Error' : `Files of the kind '${extension}' are not allowed`,
  );
}

/** @throws ProblemError 422; 413 where the bytes come by a form */
export function requireSize({ settings }: GeolensWorld, size: number, status: 413 | 422): void {
  if (size <= settings.maxFileBytes) return;
  throw new ProblemError(
    status,
    `The file has ${size} bytes, and ${settings.maxFileBytes} are allowed`,
  );
}

/** @throws ProblemError 413 for bytes, 422 for the number of datasets */
export function requireRoom(world: GeolensWorld, size: number): void {
  const { datasetQuota, storageQuotaBytes } = world.settings;
  // Tables and vectors live in the database, which nobody counts.
  const used = world.datasets.filter(({ raster }) => raster).reduce((sum, it) => sum + it.size, 0);
  if (storageQuotaBytes && used + size > storageQuotaBytes) {
    const detail = `Storage quota exceeded: ${used} of ${storageQuotaBytes} bytes are used`;
    throw new ProblemError(413, `${detail}, and ${size} more were asked for`);
  }
  if (datasetQuota && world.datasets.length >= datasetQuota) {
    const detail = `Dataset quota exceeded: ${world.datasets.length} of ${datasetQuota}`;
    throw new ProblemError(422, detail);
  }
}

/** Datasets that may still be made, or null where nobody counts. */
export function remainingDatasets({ settings, datasets }: GeolensWorld): number | null {
  if (!settings.datasetQuota) return null;
  return Math.max(0, settings.datasetQuota - datasets.length);
}

import { jsonAnswer } from '../delivery.ts';
import { remainingDatasets } from './admission.ts';
import type { Act } from './exchange.ts';

/** What the instance takes, and by which way. */
export const readConfig: Act = async (world) => {
  const { presignedUploads, thresholdBytes, maxFileBytes, allowedExtensions } = world.settings;
  return jsonAnswer(200, {
    presigned_uploads: presignedUploads,
    presigned_threshold_bytes: thresholdBytes,
    max_file_size_bytes: maxFileBytes,
    allowed_extensions: allowedExtensions.filter((name) => name !== '.vrt').join(','),
    remaining_dataset_quota: remainingDatasets(world),
  });
};

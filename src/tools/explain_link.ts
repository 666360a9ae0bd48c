import { GeoperaError } from '../geopera/geopera_error.ts';
import { plainId, plainText } from '../geopera/plain_text.ts';
import type { TooManyLinks } from '../workflows/open_links.ts';
import type { UploadStillOpen } from '../workflows/upload_still_open.ts';
import { type Explanation, sentence } from './explanation.ts';

/** @param cause the words for the error's own cause */
export function explainStillOpen(error: UploadStillOpen, cause: Explanation): Explanation {
  const { step, cause: refusal } = error;
  const uploadId = plainId(error.uploadId);
  if (step === 'complete' && refusal instanceof GeoperaError && refusal.kind === 'invalid_input') {
    return {
      code: 'upload_incomplete',
      what: `Geopera does not complete upload session ${uploadId} as it is: ${sentence(refusal.detail)} ${filesWords(error)}${openWords(error)}`,
      next: `Run the command of each missing file, or have the user run it, where the file is; then call finish_upload again. If its link has expired, create_upload_link with upload_id ${uploadId} and the file signs a fresh one. If a file has another size than was said, call uploads.fail, then create_upload_link with the true sizes.`,
      retryable: true,
    };
  }
  return { ...cause, what: `${cause.what} ${openWords(error)}` };
}

export function explainTooManyLinks({ most, firstEndsAt }: TooManyLinks): Explanation {
  const first =
    firstEndsAt === undefined ? '' : ` The first of them ends by itself at ${inUtc(firstEndsAt)}.`;
  return {
    code: 'too_many_links',
    what: `As many upload sessions as may, ${most}, wait for their files already. Nothing was reserved.`,
    next: `Call finish_upload for those whose files were sent. For one that is not wanted, call uploads.fail and then finish_upload, which forgets it.${first}`,
    retryable: true,
  };
}

function filesWords({ files }: UploadStillOpen): string {
  if (files === undefined) return '';
  const each = files.map(({ fileName, bytes }) => `${plainText(fileName, 255)} (${bytes} bytes)`);
  return `It was opened for: ${each.join(', ')}. `;
}

function openWords({ uploadId, heldUntil }: UploadStillOpen): string {
  const until = heldUntil === undefined ? '' : ` There is time until ${inUtc(heldUntil)}.`;
  return `Upload session ${plainId(uploadId)} was not given up; uploads.fail would do that.${until}`;
}

function inUtc(time: number): string {
  return new Date(time).toISOString();
}

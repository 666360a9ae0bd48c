import { GeoperaError } from '../geopera/geopera_error.ts';
import { plainId, plainNames, plainText } from '../geopera/plain_text.ts';
import { Cancelled } from '../transfer/cancelled.ts';
import { TransferError } from '../transfer/failures/transfer_error.ts';
import { type PathRefusal, PathRefused } from '../transfer/files/allowed_folders.ts';
import { ClipJobFailed, MosaicNotChosen } from '../workflows/clip_job.ts';
import { TooManyLinks } from '../workflows/open_links.ts';
import { QuotaExceeded, UploadFailed } from '../workflows/upload_failed.ts';
import { UploadStillOpen } from '../workflows/upload_still_open.ts';
import { AnswerTooLarge } from './answer_too_large.ts';
import { InvalidArguments } from './arguments.ts';
import { inBytes } from './byte_words.ts';
import { inTime } from './duration_words.ts';
import { EarlierFailure } from './earlier_outcome.ts';
import { explainGeolens } from './explain_geolens.ts';
import { explainGeopera } from './explain_geopera.ts';
import { explainJobs } from './explain_jobs.ts';
import { explainStillOpen, explainTooManyLinks } from './explain_link.ts';
import { explainServices } from './explain_services.ts';
import { explainTables } from './explain_tables.ts';
import { explainTransfer, KEPT } from './explain_transfer.ts';
import { type Explanation, INTERNAL, sentence } from './explanation.ts';
import { explainOperations } from './operations/explain_operations.ts';
import { UnknownTransfer } from './unknown_transfer.ts';

/** Every error that a call can throw, in words; `INTERNAL` for what no call should throw. */
export function explain(error: unknown): Explanation {
  if (error instanceof InvalidArguments) return explainArguments(error);
  if (error instanceof PathRefused) return explainPath(error);
  if (error instanceof UploadFailed) return explainUpload(error);
  if (error instanceof UploadStillOpen) return explainStillOpen(error, explain(error.cause));
  if (error instanceof TooManyLinks) return explainTooManyLinks(error);
  if (error instanceof QuotaExceeded) return explainQuota(error);
  if (error instanceof ClipJobFailed) return explainClipJob(error);
  if (error instanceof MosaicNotChosen) return explainMosaic(error);
  if (error instanceof GeoperaError) return explainGeopera(error);
  if (error instanceof TransferError) return explainTransfer(error);
  if (error instanceof AnswerTooLarge) return explainSize(error);
  if (error instanceof EarlierFailure) return explainEarlier(error);
  if (error instanceof UnknownTransfer) return explainUnknownTransfer(error);
  if (error instanceof Cancelled) return explainCancelled(error);
  if (isAbort(error)) return CANCELLED;
  return (
    explainJobs(error) ??
    explainOperations(error) ??
    explainServices(error, explain) ??
    explainTables(error) ??
    explainGeolens(error) ??
    INTERNAL
  );
}

const ANOTHER_FOLDER =
  'Name a path inside an allowed folder, or ask the user to allow another with --allow-dir.';
const NO_FOLDER_NEXT =
  'No folder is allowed. Ask the user to start this server with --allow-dir FOLDER (or GEOPERA_ALLOW_DIRS).';

/** What to do about each way in which a path is refused. */
const PATH_NEXT: Readonly<Record<PathRefusal, string>> = {
  invalid: 'Write the whole path of one file.',
  outside: ANOTHER_FOLDER,
  missing: 'Check the path.',
  parent_missing: 'Name a path in a folder that exists.',
  not_a_file: 'Name a regular file.',
  symlink: 'Name the file itself instead of a link to it.',
  exists: 'Name another path, or pass overwrite: true if the user agrees to replace it.',
  unreadable: 'Ask the user to make it readable for this server.',
};

const CANCELLED: Explanation = {
  code: 'cancelled',
  what: 'The call was cancelled.',
  next: 'Call again if it is still wanted.',
  retryable: true,
};

function explainCancelled({ message, partialKept }: Cancelled): Explanation {
  return {
    ...CANCELLED,
    what: `It ended because of this: ${sentence(message)}${partialKept ? KEPT : ''}`,
  };
}

function explainEarlier({ cause, secondsAgo }: EarlierFailure): Explanation {
  const explained = explain(cause);
  return {
    ...explained,
    what: `The same call, made before, failed ${inTime(secondsAgo)} ago while nobody waited; nothing was started now. ${explained.what}`,
  };
}

function explainUnknownTransfer({ id }: UnknownTransfer): Explanation {
  return {
    code: 'unknown_transfer',
    what: `There is no transfer '${plainText(id, 40)}' here: an outcome is kept for an hour, and may not outlast the server that ran the transfer.`,
    next: 'Call transfer_status without a transfer_id to list the transfers. items.list and items.list_assets show what has arrived in Geopera.',
    retryable: false,
  };
}

function explainArguments(error: InvalidArguments): Explanation {
  return {
    code: 'invalid_arguments',
    what: `The arguments do not fit ${error.tool}: ${error.faults.join('; ')}.`,
    next: 'Correct them and call again. Nothing was done.',
    retryable: false,
  };
}

function explainPath(error: PathRefused): Explanation {
  return {
    code: `path_${error.reason}`,
    what: error.message,
    next: error.allowed.length > 0 ? PATH_NEXT[error.reason] : NO_FOLDER_NEXT,
    retryable: false,
  };
}

function explainUpload(error: UploadFailed): Explanation {
  const cause = explain(error.cause);
  return { ...cause, what: `${failedWords(error)} ${cause.what} ${reservationWords(error)}` };
}

function failedWords({ fileName, step }: UploadFailed): string {
  // Whoever sends files signs for one of them at a time.
  if (step === 'sign' && fileName === undefined) return 'No upload link was signed.';
  const which = fileName === undefined ? 'The upload' : `The upload of ${plainText(fileName, 255)}`;
  return `${which} failed at the step ${step}.`;
}

function reservationWords(error: UploadFailed): string {
  const { reservation } = error;
  const uploadId = plainId(error.uploadId);
  switch (reservation.state) {
    case 'released':
      return `The reserved storage of upload session ${uploadId} was released.`;
    case 'over':
      return overWords(error, uploadId);
    case 'held':
      return `The reserved storage of upload session ${uploadId} could not be released (${reservation.reason}): call uploads.fail with upload_id ${uploadId} and an error_message.`;
  }
}

function overWords({ step, fileName, cause }: UploadFailed, uploadId: string): string {
  const kind = cause instanceof GeoperaError ? cause.kind : undefined;
  if (step !== 'transfer' && kind === 'not_found') {
    return `Geopera does not know upload session ${uploadId}: the id is wrong or of another organization, or the session is no longer kept.`;
  }
  if (step === 'complete') {
    return `Geopera says that upload session ${uploadId} is already over: it may have been completed all the same. Look with items.list, or items.list_assets of the target item, before uploading again.`;
  }
  if (step === 'sign' && fileName === undefined && (kind === 'conflict' || kind === 'gone')) {
    return `Upload session ${uploadId} has ended or is just being completed, and was left as it is. Look with items.list before uploading again.`;
  }
  return `Geopera says that upload session ${uploadId} is already over, so it holds no storage.`;
}

function explainQuota(error: QuotaExceeded): Explanation {
  return {
    ...explainGeopera(error.cause),
    what: `Geopera has no room for this upload: ${inBytes(error.bytesAsked)} (${error.bytesAsked} bytes) were asked for, and the answer was: ${sentence(error.message)} Nothing was reserved.`,
    next: 'Ask the user to free storage in the organization or to add quota; repeating the call will not help.',
  };
}

function explainClipJob(error: ClipJobFailed): Explanation {
  return {
    code: 'clip_job_failed',
    what: `Clip job ${plainId(error.jobId)} ended as ${plainText(error.status, 40)}: ${sentence(error.message)}`,
    next: 'It will not produce files. Look at it with clip.job.get, then start another with clip.create_from_item if the user agrees.',
    retryable: false,
  };
}

function explainMosaic(error: MosaicNotChosen): Explanation {
  const names = plainNames(error.mosaics);
  const jobId = plainId(error.jobId);
  return {
    code: 'mosaic_not_chosen',
    what:
      error.asked === undefined
        ? `Clip job ${jobId} has ${error.mosaics.length} files: ${names || 'none'}. Nothing was downloaded.`
        : `Clip job ${jobId} has no file '${plainText(error.asked, 80)}'; it has: ${names || 'none'}.`,
    next:
      names === ''
        ? 'Look at the answer of clip.job.downloads, and pass the name of a file as mosaic_type.'
        : 'Call again with one of them as mosaic_type.',
    retryable: false,
  };
}

function explainSize({ chars }: AnswerTooLarge): Explanation {
  return {
    code: 'answer_too_large',
    what: `The answer has ${inBytes(chars)}, more than a client can take.`,
    next: 'Ask for less: a smaller limit, and offset for the rest.',
    retryable: false,
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

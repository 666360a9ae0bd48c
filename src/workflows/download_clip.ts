import { clip } from '../operations/clip.ts';
import type { Act } from '../transfer/act.ts';
import { type DownloadReceipt, type DownloadSource, downloadFile } from '../transfer/download.ts';
import { chooseMosaic, waitForClipJob } from './clip_job.ts';
import type { WorkflowContext } from './context.ts';
import { descriptorUrl } from './descriptor.ts';
import { downloadProgress } from './download_progress.ts';
import { resumeBy } from './resume_by.ts';

export interface ClipDownloadRequest {
  readonly jobId: string;
  /** Which file of the job; may be left out where there is only one. */
  readonly mosaicType?: string | undefined;
  /** Real path of the file to make, inside a folder that exists. */
  readonly path: string;
  readonly overwrite: boolean;
  readonly sha256?: boolean | undefined;
}

export interface ClipDownloadReceipt extends DownloadReceipt {
  readonly mosaicType: string;
}

/** Waits for a clip job and saves one of its files, whole and checked or not at all. */
export async function downloadClip(
  request: ClipDownloadRequest,
  act: Act,
  context: WorkflowContext,
): Promise<ClipDownloadReceipt> {
  await context.scopes.require(clip.jobDownload.scope, clip.jobDownload.id, act.signal);
  await waitForClipJob(request.jobId, act, context);
  const mosaicType = await chooseMosaic(request.jobId, request.mosaicType, act.signal, context);
  const receipt = await downloadFile(
    {
      open: (_reason, signal) => openMosaic(request.jobId, mosaicType, signal, context),
      path: request.path,
      overwrite: request.overwrite,
      sha256: request.sha256 ?? false,
      signal: act.signal,
      resume: resumeBy(context, 'clip', request.jobId, mosaicType),
      onProgress: downloadProgress(request.path, act),
    },
    context.engine,
  );
  return { ...receipt, mosaicType };
}

/** The documents disagree on the answer: a descriptor, a redirect to storage, or the file itself. */
async function openMosaic(
  jobId: string,
  mosaicType: string,
  signal: AbortSignal,
  { geopera }: WorkflowContext,
): Promise<DownloadSource> {
  const answer = await geopera.openFile(
    clip.jobDownload,
    { job_id: jobId, mosaic_type: mosaicType },
    signal,
  );
  switch (answer.kind) {
    case 'json':
      return { kind: 'url', url: descriptorUrl(clip.jobDownload.id, answer.value) };
    case 'redirect':
      return { kind: 'url', url: answer.location };
    case 'body':
      return answer;
  }
}

import { z } from 'zod';
import { clip } from '../operations/clip.ts';
import { resolveTarget } from '../transfer/allowed_folders.ts';
import { downloadClip } from '../workflows/download_clip.ts';
import { downloadAnswer, downloadAnswered } from './download_answer.ts';
import { overwriteFlag, targetPath } from './download_arguments.ts';
import { hints } from './effect_hints.ts';
import { wantSha256 } from './sha256_argument.ts';
import { defineTool } from './tool.ts';

export const downloadClipToPath = defineTool({
  name: 'download_clip_to_path',
  title: 'Download a clip to a file',
  description:
    'Wait for a clip job and save one of its files on this machine. The file appears whole and checked against what storage states, or not at all; nothing is replaced unless overwrite is true. If the job has several files and none is named, answers their names and downloads nothing. Counts as egress.',
  hints: hints({ destructive: true }),
  scope: clip.jobDownload.scope,
  input: z
    .object({
      job_id: z.string().min(1).describe('Clip job id.'),
      mosaic_type: z
        .string()
        .min(1)
        .optional()
        .describe('Which file of the job, e.g. visual; not needed if it has only one.'),
      path: targetPath(),
      overwrite: overwriteFlag(),
      sha256: wantSha256(),
    })
    .strict(),
  output: downloadAnswer.extend({ mosaic_type: z.string() }),
  async run(input, call) {
    const { overwrite } = input;
    const path = await resolveTarget(input.path, await call.folders(), { overwrite });
    const receipt = await downloadClip(
      {
        jobId: input.job_id,
        mosaicType: input.mosaic_type,
        path,
        overwrite,
        sha256: input.sha256,
      },
      call,
      call.context,
    );
    return downloadAnswered(receipt, { mosaic_type: receipt.mosaicType });
  },
});

import { z } from 'zod';
import { clip } from '../operations/clip.ts';
import { downloadClip } from '../workflows/download_clip.ts';
import { downloadAnswered, downloadOutline, downloadTransfer } from './download_answer.ts';
import { downloadOptions } from './download_arguments.ts';
import { hints } from './effect_hints.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool } from './tool.ts';
import { transferOutput } from './transfer_facts.ts';

export const downloadClipToPath = defineTool({
  name: 'download_clip_to_path',
  title: 'Download a clip to a file',
  description:
    'Wait for a clip job and save one of its files on this machine, whole and verified or not at all. If the job has several files and none is named, answers their names. Goes on after wait_seconds: follow it with transfer_status. Counts as egress.',
  toolsets: [DEFAULT_TOOLSET, 'clip'],
  hints: hints({ destructive: true }),
  scope: clip.jobDownload.scope,
  input: () =>
    z
      .object({
        job_id: z.string().min(1).describe('Clip job id.'),
        mosaic_type: z
          .string()
          .min(1)
          .optional()
          .describe('Which file of the job, e.g. visual; not needed if it has only one.'),
        ...downloadOptions(),
      })
      .strict(),
  output: () => transferOutput(downloadOutline()),
  run(input, call) {
    return downloadTransfer(clip.jobDownload, input, call, async (path, act) => {
      const { job_id: jobId, mosaic_type: mosaicType, overwrite, sha256 } = input;
      const request = { jobId, mosaicType, path, overwrite, sha256 };
      const receipt = await downloadClip(request, act, call.context);
      return downloadAnswered(receipt, { mosaic_type: receipt.mosaicType });
    });
  },
});

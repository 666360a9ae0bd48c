import type { FileAccess } from '../tools/file_access.ts';
import { FOLLOW, ON_FAILURE } from './common_steps.ts';
import { argument } from './prompt_arguments.ts';
import type { PromptArgument, PromptFor } from './prompt_record.ts';

/** How the result of a clip job gets to the user. */
export interface ClipDelivery {
  readonly args: readonly PromptArgument[];
  readonly tools: readonly string[];
  /** Of a job whose id is known as job_id. */
  readonly steps: readonly string[];
}

const TO_PATH: ClipDelivery = {
  args: [argument.path('File to make on this machine, in an allowed folder.')],
  tools: ['download_clip_to_path', 'transfer_status'],
  steps: [
    'Call download_clip_to_path with job_id, path, and mosaic_type if it is known. It waits for the job. If it answers that there are several files, ask the user which is meant and pass its name as mosaic_type. Pass overwrite: true only if the user agrees to replace a file.',
    FOLLOW,
    'Tell the user the path, the size, and what the answer says was verified.',
  ],
};

const BY_LINK: ClipDelivery = {
  args: [],
  tools: ['clip.job.get', 'clip.job.downloads', 'clip.job.download'],
  steps: [
    'Call clip.job.get with job_id every few seconds until the job is completed or failed.',
    'Call clip.job.downloads. If there are several files and no mosaic_type is known, ask the user which is meant.',
    'Call clip.job.download with job_id and mosaic_type. Give the user the link that it answers: it is a secret, soon expires, and fetching it counts as egress.',
  ],
};

export const CLIP_DELIVERY: Readonly<Record<FileAccess, ClipDelivery>> = {
  paths: TO_PATH,
  links: BY_LINK,
  both: TO_PATH,
};

/** Fetches what a clip job made. */
export const saveClip: PromptFor = (access) => {
  const { args, tools, steps } = CLIP_DELIVERY[access];
  return {
    name: 'save-clip',
    title: 'Save a clip',
    description: 'Wait for a clip job that was started already and fetch its result.',
    args: [
      argument.id('job_id', true, 'Clip job.'),
      argument.id('mosaic_type', false, 'Which file of the job; not needed if it has only one.'),
      ...args,
    ],
    tools,
    guide: (filled) => ({
      task: 'Fetch the result of a Geopera clip job. Start no other job: that would spend credits.',
      data: filled,
      steps: [...steps, ON_FAILURE],
    }),
  };
};

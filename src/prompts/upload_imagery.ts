import type { FileAccess } from '../tools/file_access.ts';
import { FOLLOW, ON_FAILURE } from './common_steps.ts';
import { argument } from './prompt_arguments.ts';
import type { PromptArgument, PromptFor } from './prompt_record.ts';

interface Way {
  /** Names the file. */
  readonly file: PromptArgument;
  readonly tools: readonly string[];
  readonly steps: readonly string[];
}

const source = (description: string): PromptArgument => ({
  name: 'source',
  description,
  required: true,
  maxChars: 8192,
});

const BY_PATH =
  'upload_local_file with these arguments; upload_local_files if the user names more files that belong together.';
const BY_URL = 'If source is a URL: upload_from_url, with source as its url.';
const BY_LINK =
  'If source is a file on the machine of the user: ask for its exact size in bytes if you cannot see it, call create_upload_link, run the command that it answers in the folder of the file or have the user run it (the link in it is a secret), then call finish_upload.';

/** How a file gets to Geopera, by how the client's files reach this server. */
const WAYS: Readonly<Record<FileAccess, Way>> = {
  paths: {
    file: argument.path('File on this machine, in an allowed folder.'),
    tools: ['upload_local_file', 'upload_local_files'],
    steps: [`Call ${BY_PATH}`],
  },
  links: {
    file: source('URL of the file, or its name on your machine.'),
    tools: ['upload_from_url', 'create_upload_link', 'finish_upload'],
    steps: [BY_URL, BY_LINK],
  },
  both: {
    file: source('URL of the file, or its path.'),
    tools: [
      'upload_local_file',
      'upload_local_files',
      'upload_from_url',
      'create_upload_link',
      'finish_upload',
    ],
    steps: [
      BY_URL,
      `If source is a path in a folder that this server may read: ${BY_PATH} Source is its path.`,
      BY_LINK,
    ],
  },
};

/** Brings a file into a project. */
export const uploadImagery: PromptFor = (access) => {
  const { file, tools, steps } = WAYS[access];
  return {
    name: 'upload-imagery',
    title: 'Upload imagery',
    description: 'Bring a raster or vector file into a Geopera project and check that it arrived.',
    args: [
      argument.id('project_id', true, 'Project that receives the data.'),
      file,
      argument.id('collection_id', false, 'Collection for the new item.'),
    ],
    tools: [...tools, 'transfer_status', 'items.get', 'items.list_assets'],
    guide: ({ collection_id, ...filled }) => ({
      task: 'Bring a file into a Geopera project.',
      data: { ...filled, ...(collection_id && { target_collection_id: collection_id }) },
      steps: [
        ...steps,
        FOLLOW,
        'When it is completed, call items.get and items.list_assets for each of the item_ids, and tell the user the new items, their assets, and what the answer says was verified.',
        `${ON_FAILURE} A failed upload says what became of its reservation: pass that on.`,
      ],
    }),
  };
};

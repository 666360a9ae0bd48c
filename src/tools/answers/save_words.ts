import { CALLER_OF } from '../operations/caller_of.ts';
import { mayAskAgain, type OperationCall } from './operation_call.ts';

/** Tools that bring what an operation leads to onto disk, checked and resumable. */
const DOWNLOADERS: Readonly<Record<string, string>> = {
  'clip.job.download': 'download_clip_to_path',
  'items.asset.download': 'download_asset_to_path',
};

/** How the bytes that were not shown can be had; a server that shares no files with its user has no such tools. */
export function saveWords(asked: OperationCall): string {
  const { id, effect } = asked.operation;
  const downloader = DOWNLOADERS[id];
  if (downloader !== undefined) return `${downloader}, where it is listed, saves it.`;
  return mayAskAgain(asked)
    ? `${CALLER_OF[effect]} with save_to, where it takes that, saves it as a file.`
    : 'Ask for less of it: a smaller area or size.';
}

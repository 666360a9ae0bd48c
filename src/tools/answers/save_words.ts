import type { Operation } from '../../operations/operation.ts';
import type { OperationCall } from './operation_call.ts';

/** The tool that saves any answer as a file. */
export const ANSWER_SAVER = 'save_answer_to_path';

/** Tools that bring what an operation leads to onto disk, checked and resumable. */
const DOWNLOADERS: Readonly<Record<string, string>> = {
  'clip.job.download': 'download_clip_to_path',
  'items.asset.download': 'download_asset_to_path',
};

/** Whether nothing but its answer is wanted of an operation: it reads, or computes a picture or a report. */
export function isCalledForItsAnswer({ effect, response }: Operation): boolean {
  return effect === 'read' || (effect === 'compute' && response !== 'json');
}

/** How the bytes that were not shown can be had; a server that shares no files with its user has no such tools. */
export function saveWords({ operation, call }: OperationCall): string {
  const saver = DOWNLOADERS[operation.id] ?? ANSWER_SAVER;
  return isCalledForItsAnswer(operation) && call.offers(saver)
    ? `${saver} saves it as a file.`
    : 'Ask for less at once where that can be: a smaller area, size or number.';
}

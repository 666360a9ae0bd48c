import type { ToolAnswer } from '../tool.ts';
import { noted } from './answer_note.ts';
import type { OperationCall } from './operation_call.ts';
import { saveWords } from './save_words.ts';

/** Hosts bound messages, and base64 adds a third. */
export const MOST_IMAGE_BYTES = 1024 * 1024;
/** What models are shown; a host may end the conversation over any other. */
const SHOWN: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

export interface FoundImage {
  readonly mediaType: string;
  /** How large it is, where that is known. */
  readonly bytes?: number | undefined;
  /** All of it; absent where that was not read. */
  readonly data?: Buffer | undefined;
}

/** Whether images of a type can be shown to a model at all. */
export function isShown(mediaType: string): boolean {
  return SHOWN.has(mediaType);
}

/** An image for the model to see, or why it does not. */
export function imageAnswer(image: FoundImage, asked: OperationCall): ToolAnswer {
  const { mediaType, bytes, data } = image;
  const facts = { media_type: mediaType, ...(bytes !== undefined && { bytes }) };
  if (data?.byteLength === 0) return { facts: noted({ says: 'The image is empty.' }, facts) };
  if (isShown(mediaType) && data !== undefined && data.byteLength <= MOST_IMAGE_BYTES) {
    return { facts, images: [{ data: data.toString('base64'), mediaType }] };
  }
  const why = isShown(mediaType)
    ? 'An image of more than 1 MiB is not shown.'
    : 'An image of this kind is not shown.';
  return { facts: noted({ says: `${why} ${saveWords(asked)}` }, facts) };
}

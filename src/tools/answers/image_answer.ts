import type { ToolAnswer } from '../tool.ts';
import { noted } from './answer_note.ts';
import { imageTypeOf, isShown } from './image_type.ts';
import type { OperationCall } from './operation_call.ts';
import { saveWords } from './save_words.ts';

/** Hosts bound messages, and base64 adds a third. */
export const MOST_IMAGE_BYTES = 1024 * 1024;
export interface FoundImage {
  /** As its sender has it; undefined where that says nothing. */
  readonly mediaType: string | undefined;
  /** How large it is, where that is known. */
  readonly bytes?: number | undefined;
  /** All of it; absent where that was not read. */
  readonly data?: Buffer | undefined;
}

/** An image for the model to see, or why it does not. */
export function imageAnswer(image: FoundImage, asked: OperationCall): ToolAnswer {
  const { bytes, data } = image;
  const found = data && imageTypeOf(data);
  const mediaType = found ?? image.mediaType;
  const facts = {
    ...(mediaType !== undefined && { media_type: mediaType }),
    ...(bytes !== undefined && { bytes }),
  };
  if (data?.byteLength === 0) return { facts: noted({ says: 'The image is empty.' }, facts) };
  const isLarge = data === undefined || data.byteLength > MOST_IMAGE_BYTES;
  if (found !== undefined && !isLarge) {
    return { facts, images: [{ data: data.toString('base64'), mediaType: found }] };
  }
  const why =
    isLarge && isShown(mediaType ?? '')
      ? 'An image of more than 1 MiB is not shown.'
      : 'An image of this kind is not shown.';
  return { facts: noted({ says: `${why} ${saveWords(asked)}` }, facts) };
}

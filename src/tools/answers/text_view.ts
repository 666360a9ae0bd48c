import type { Facts } from './answer_facts.ts';
import { type AnswerNote, noted, type Shown } from './answer_note.ts';
import { jsonBytes, MOST_BYTES } from './json_size.ts';
import { nextCall } from './next_call.ts';
import { mayAskAgain, type OperationCall } from './operation_call.ts';
import { saveWords } from './save_words.ts';
import { sliceText } from './text_slice.ts';

/** Room for the numbers in a note, of which the final ones are not known yet. */
const SPARE_BYTES = 200;

/**
 * A text as facts, as much of it as fits.
 *
 * @param facts all beside the text
 * @param isWhole whether the text is all that came, so that its length is the length of it all
 */
export function textView(
  text: string,
  member: string,
  facts: Facts,
  asked: OperationCall,
  isWhole = true,
): Facts {
  const { skip, part } = asked.view;
  const noteFor = (from: number, count: number): AnswerNote => {
    const isCut = from + count < text.length;
    const isAll = isWhole && !isCut;
    const next =
      isCut && mayAskAgain(asked) ? nextCall(asked, { skip: from + count, part }) : undefined;
    const says = `${count} of ${isWhole ? '' : 'more than '}${text.length} characters`;
    const shown: Shown = { from, count, ...(isWhole && { of: text.length }), says };
    return {
      part,
      shown: isCut || from > 0 || !isWhole ? shown : undefined,
      next,
      says: isAll || next !== undefined ? undefined : `The text goes on. ${saveWords(asked)}`,
    };
  };
  const whole = noted(noteFor(0, text.length), { ...facts, [member]: text });
  if (skip === 0 && jsonBytes(whole) <= MOST_BYTES) return whole;
  const beside = jsonBytes(noted(noteFor(1, 0), { ...facts, [member]: '' })) + SPARE_BYTES;
  const slice = sliceText(text, skip, MOST_BYTES - beside);
  return noted(noteFor(slice.from, slice.count), { ...facts, [member]: slice.text });
}

/** Bytes of UTF-8 as such facts, with their media type. */
export function decodedText(
  bytes: Buffer,
  mediaType: string | undefined,
  asked: OperationCall,
  isWhole = true,
): Facts {
  const text = new TextDecoder().decode(bytes);
  const facts = mediaType === undefined ? {} : { media_type: mediaType };
  // A character that was cut in two at the end decodes to U+FFFD.
  return textView(isWhole ? text : text.replace(/\ufffd$/, ''), 'text', facts, asked, isWhole);
}

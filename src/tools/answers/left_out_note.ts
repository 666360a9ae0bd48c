import type { AnswerNote } from './answer_note.ts';
import { jsonBytes } from './json_size.ts';
import type { LeftOut } from './left_out.ts';
import { nextCall } from './next_call.ts';
import { mayAskAgain, type OperationCall } from './operation_call.ts';
import { isCalledForItsAnswer, saveWords } from './save_words.ts';

const MOST_LISTED_BYTES = 1_500;
/** Nobody writes longer paths; a name of the API may be anything. */
const MOST_PATH_BYTES = 500;

/** Most bytes that the note of what was left out takes. */
export function leftOutRoom(asked: OperationCall): number {
  return MOST_LISTED_BYTES + MOST_PATH_BYTES + jsonBytes(nextCall(asked, { part: '' })) + 200;
}

/** What was left out, and the call for the first of it, where that may be made. */
export function leftOutNote(
  leftOut: readonly LeftOut[],
  asked: OperationCall,
): Pick<AnswerNote, 'left_out' | 'whole' | 'says'> {
  if (leftOut.length === 0) return {};
  const listed: LeftOut[] = [];
  let room = MOST_LISTED_BYTES;
  for (const it of leftOut.filter((one) => jsonBytes(one.member) <= MOST_PATH_BYTES)) {
    room -= jsonBytes(it) + 1;
    if (room < 0) break;
    listed.push(it);
  }
  const rest = leftOut.filter((it) => !listed.includes(it));
  const more = {
    says: `${rest.length} more`,
    bytes: rest.reduce((sum, { bytes }) => sum + bytes, 0),
  };
  const part = listed.find(({ member }) => member !== undefined)?.member;
  const whole = part !== undefined && mayAskAgain(asked) ? nextCall(asked, { part }) : undefined;
  const isToBeSaved = whole === undefined && isCalledForItsAnswer(asked.operation);
  return {
    left_out: rest.length === 0 ? listed : [...listed, more],
    whole,
    // It may be done once more to be saved, if not to be read in parts.
    ...(isToBeSaved && { says: saveWords(asked) }),
  };
}

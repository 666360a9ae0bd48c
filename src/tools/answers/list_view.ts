import type { Facts } from './answer_facts.ts';
import { type AnswerNote, noted, type Shown } from './answer_note.ts';
import { type AnsweredPage, continuation, startOf } from './continuation.ts';
import { jsonBytes, MOST_BYTES } from './json_size.ts';
import { type LeftOut, type Shrunk, shrink, shrinkMembers } from './left_out.ts';
import { leftOutNote, leftOutRoom } from './left_out_note.ts';
import { nextCall } from './next_call.ts';
import { mayAskAgain, type OperationCall } from './operation_call.ts';
import { nextToken, type Records, statedTotal, withRecords } from './records.ts';

/** What stands around the records has at least this much room, however long these are. */
const LEAST_AROUND_BYTES = MOST_BYTES / 4;
/** Room for numbers in a note, of which the final ones are not known yet. */
const SPARE_BYTES = 400;

/** An answer about a list. */
export interface ListedAnswer {
  readonly asked: OperationCall;
  readonly facts: Facts;
  readonly records: Records;
  /** Where the list stands in the answer of the API; of a member, in that of which it is one. */
  readonly at: readonly string[];
}

export interface ListView {
  readonly facts: Facts;
  /** Records of the answer. */
  readonly count: number;
  /** Of those that were not passed over, so many are shown. */
  readonly shown: number;
  readonly isCut: boolean;
}

/** As many whole records as fit, how many that are of all, and the call that goes on after them. */
export function listView(answer: ListedAnswer): ListView {
  const { facts, records } = answer;
  const wanted = wantedOf(answer);
  const whole = noted(noteOf(answer, wanted.length), withRecords(facts, records.path, wanted));
  return jsonBytes(whole) <= MOST_BYTES
    ? viewOf(answer, whole, wanted.length)
    : cutView(answer, wanted);
}

/** What is to be noted of an answer that is had whole: whether its list goes on, and by which call. */
export function pageNote(answer: ListedAnswer): AnswerNote {
  return noteOf(answer, wantedOf(answer).length);
}

function cutView(answer: ListedAnswer, wanted: readonly unknown[]): ListView {
  const { records, asked, at } = answer;
  const room = MOST_BYTES - noteBytes(answer, wanted.length);
  const around = aroundRecords(answer, room - jsonBytes(wanted) - leftOutRoom(asked));
  const left =
    room - jsonBytes(around.value) - (around.leftOut.length > 0 ? leftOutRoom(asked) : 0);
  const view = (shown: readonly unknown[], leftOut: readonly LeftOut[]) => {
    const note = noteOf(answer, shown.length, leftOut);
    const facts = noted(note, withRecords(around.value, records.path, shown));
    return viewOf(answer, facts, shown.length);
  };
  const fitting = countFitting(wanted, left);
  if (fitting > 0 || wanted.length === 0) {
    const { shown } = continued(answer, fitting);
    return view(wanted.slice(0, shown), around.leftOut);
  }
  const place = [...at, String(skipOf(answer))];
  const record = shrink(wanted[0], left - leftOutRoom(asked), place);
  return view([record.value], [...record.leftOut, ...around.leftOut]);
}

/** The facts without their records, made short where they would leave these no room. */
function aroundRecords({ facts, records, at }: ListedAnswer, spare: number): Shrunk<Facts> {
  const { path } = records;
  const base = at.slice(0, Math.max(0, at.length - path.length));
  const most = Math.max(LEAST_AROUND_BYTES, spare);
  return shrinkMembers(withRecords(facts, path, []), most, base, path);
}

function viewOf(answer: ListedAnswer, facts: Facts, shown: number): ListView {
  const count = answer.records.all.length;
  return { facts, count, shown, isCut: skipOf(answer) + shown < count };
}

function noteOf(answer: ListedAnswer, shown: number, leftOut: readonly LeftOut[] = []): AnswerNote {
  const { asked } = answer;
  const { part } = asked.view;
  const rest = wantedOf(answer).slice(shown);
  const { next } = continued(answer, shown);
  const call = next && mayAskAgain(asked) ? nextCall(asked, { ...next, part }) : undefined;
  const isPartial = rest.length > 0 || skipOf(answer) > 0;
  const isLost = rest.length > 0 && call === undefined;
  return {
    part,
    shown:
      isPartial || call !== undefined || part !== undefined ? shownOf(answer, shown) : undefined,
    next: call,
    ...leftOutNote(isLost ? [...leftOut, restOf(rest)] : leftOut, asked),
  };
}

/** What is not shown of an answer that must not be asked for again. */
function restOf(rest: readonly unknown[]): LeftOut {
  return { says: `${rest.length} more records`, bytes: jsonBytes(rest) };
}

/** Most that the note takes where nothing is left out. */
function noteBytes(answer: ListedAnswer, wanted: number): number {
  const notes = [noteOf(answer, wanted), noteOf(answer, Math.min(1, wanted))];
  return Math.max(...notes.map(jsonBytes)) + SPARE_BYTES;
}

function shownOf(answer: ListedAnswer, count: number): Shown {
  const all = answer.records.all.length;
  const skip = skipOf(answer);
  const page = pageOf(answer, count);
  const { total } = page;
  const start = startOf(pagingOf(answer), page);
  if (total !== undefined && start !== undefined && total >= start + all) {
    return { from: start + skip, count, of: total, says: `${count} of ${total} records` };
  }
  return { from: skip, count, of: all, says: `${count} of ${all} records of this answer` };
}

function continued(answer: ListedAnswer, shown: number) {
  return continuation(pagingOf(answer), pageOf(answer, shown));
}

/** A list inside an answer is no page of the list that the answer is about. */
function pagingOf({ asked }: ListedAnswer) {
  return asked.view.part === undefined ? asked.operation.paging : undefined;
}

function pageOf(answer: ListedAnswer, shown: number): AnsweredPage {
  const { asked, facts, records } = answer;
  return {
    body: asked.body,
    sizeField: sizeField(asked),
    skip: skipOf(answer),
    count: records.all.length,
    shown,
    total: statedTotal(facts),
    token: nextToken(facts),
  };
}

/** The field of an operation's input that says how many records are wanted. */
export function sizeField({ operation }: OperationCall): string | undefined {
  return ['limit', 'size'].find((name) => name in operation.input.shape);
}

function skipOf({ asked, records }: ListedAnswer): number {
  return Math.min(asked.view.skip, records.all.length);
}

function wantedOf(answer: ListedAnswer): readonly unknown[] {
  return answer.records.all.slice(skipOf(answer));
}

/** How many records, in their order, fit into so many bytes of an array. */
function countFitting(records: readonly unknown[], room: number): number {
  let left = room;
  for (const [at, record] of records.entries()) {
    left -= jsonBytes(record) + 1;
    if (left < 0) return at;
  }
  return records.length;
}

import { unexpectedAnswer } from '../../geopera/answers.ts';
import { GeoperaError } from '../../geopera/geopera_error.ts';
import type { ToolAnswer } from '../tool.ts';
import { asFacts, type Facts, isObject, RESULTS } from './answer_facts.ts';
import { type AnswerNote, noted } from './answer_note.ts';
import { badView } from './bad_view.ts';
import { jsonBytes, MOST_BYTES } from './json_size.ts';
import { shrinkMembers } from './left_out.ts';
import { leftOutNote, leftOutRoom } from './left_out_note.ts';
import { type ListedAnswer, type ListView, listView, sizeField } from './list_view.ts';
import { memberAt, NoSuchMember } from './member_path.ts';
import { mayAskAgain, type OperationCall } from './operation_call.ts';
import { findRecords } from './records.ts';
import { secretMembers } from './secret_members.ts';
import { textView } from './text_view.ts';

/** Far deeper than any answer of the API, and than what JSON can be written from by recursion. */
const MOST_DEPTH = 200;
/** How often a list is asked for with fewer records, until they fit. */
const MOST_ASKED_AGAIN = 3;

/** What the API said, as it is; cut where that is more than a model should read at once. */
export async function jsonAnswer(value: unknown, asked: OperationCall): Promise<ToolAnswer> {
  if (isDeeperThan(MOST_DEPTH, value)) {
    throw unexpectedAnswer(asked.operation.id, 'the answer is nested too deeply');
  }
  return answered(await viewOf(partOf(value, asked), asked), asked);
}

/** Facts of the API with what they hold of secrets. */
export function answered(facts: Facts, { operation, view }: OperationCall): ToolAnswer {
  const secrets = secretMembers(facts, operation.secrets, view.part);
  return secrets.length === 0 ? { facts } : { facts, secrets };
}

/**
 * The member that is wanted, or all of it.
 *
 * @throws InvalidArguments if there is none of that name
 */
export function partOf(value: unknown, asked: OperationCall): unknown {
  const { part } = asked.view;
  if (part === undefined) return value;
  try {
    return memberAt(asFacts(value), part);
  } catch (failure) {
    if (!(failure instanceof NoSuchMember)) throw failure;
    throw badView(asked, `part: there is no such member; ${failure.there}`);
  }
}

async function viewOf(value: unknown, asked: OperationCall): Promise<Facts> {
  if (typeof value === 'string') return textView(value, RESULTS, {}, asked);
  const list = listedAnswer(value, asked);
  if (list === undefined) return membersView(asFacts(value), asked);
  const view = listView(list);
  return view.isCut ? ((await withFewerRecords(view, asked)) ?? view.facts) : view.facts;
}

/** The list of records that an answer is about, if it is about one. */
export function listedAnswer(value: unknown, asked: OperationCall): ListedAnswer | undefined {
  const facts = asFacts(value);
  const isBare = facts !== value;
  const records = findRecords(facts, isBare);
  if (records === undefined) return undefined;
  const { part } = asked.view;
  const base = part === undefined ? [] : [part];
  const isInPart = isBare && part !== undefined;
  return { asked, facts, records, at: isInPart ? base : [...base, ...records.path] };
}

/** An answer without a list. */
function membersView(facts: Facts, asked: OperationCall): Facts {
  const { part, skip } = asked.view;
  if (skip > 0) throw badView(asked, 'skip: the answer has no list of records to pass over');
  const note: AnswerNote = { part };
  const whole = noted(note, facts);
  if (jsonBytes(whole) <= MOST_BYTES) return whole;
  const room = MOST_BYTES - leftOutRoom(asked) - jsonBytes(note);
  const { value, leftOut } = shrinkMembers(facts, room, part === undefined ? [] : [part]);
  return noted({ ...note, ...leftOutNote(leftOut, asked) }, value);
}

/**
 * A list that goes on by a token is asked for with fewer records, so that its own token leads to the one
 * after those shown. Undefined where that does not help.
 */
async function withFewerRecords(view: ListView, asked: OperationCall): Promise<Facts | undefined> {
  const { operation } = asked;
  const size = sizeField(asked);
  const isPage = operation.paging === 'token' && asked.view.part === undefined;
  if (!isPage || size === undefined || !mayAskAgain(asked)) return undefined;
  const { skip } = asked.view;
  for (let { shown } = view, tries = 0; tries < MOST_ASKED_AGAIN; tries += 1) {
    const body = { ...asked.body, [size]: skip + shown };
    const list = await listOnceMore({ ...asked, body });
    const fewer = list && listView(list);
    // It does as if nobody had said how many.
    if (fewer === undefined || fewer.count > skip + shown) return undefined;
    if (!fewer.isCut) return fewer.facts;
    shown = fewer.shown;
  }
  return undefined;
}

/** Undefined where the API does not answer again: what it said before is better than a failure. */
async function listOnceMore(asked: OperationCall): Promise<ListedAnswer | undefined> {
  const { operation, body, call, terms } = asked;
  try {
    const inTime = { ...terms, patienceMs: 0 };
    const value = await call.context.geopera.callUntyped(operation, body, call.signal, inTime);
    return isDeeperThan(MOST_DEPTH, value) ? undefined : listedAnswer(value, asked);
  } catch (failure) {
    if (failure instanceof GeoperaError) return undefined;
    throw failure;
  }
}

function isDeeperThan(most: number, value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > most) return true;
    level = level.flatMap((it) => (Array.isArray(it) || isObject(it) ? Object.values(it) : []));
  }
  return false;
}

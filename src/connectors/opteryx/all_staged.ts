import type { z } from 'zod';
import { ServiceError } from '../http/service_error.ts';
import type { inspectedSession } from './session_answers.ts';

const CALL = 'opteryx.inspect_session';
/** More of them tell nobody more. */
const MOST_TOLD = 10;

/** A part as it was sent and taken. */
export interface SentPart {
  readonly number: number;
  /** By our count, or else by what the service said when it took it. */
  readonly rows: number | undefined;
}

/** What was found to be the same at both ends. */
export interface Compared {
  readonly parts: number;
  /** Of the parts whose rows both sides knew. */
  readonly rows: number;
  readonly partsWithRows: number;
}

/**
 * Compares what a session holds with what was sent: which parts, and their rows where both sides know them.
 *
 * @throws ServiceError `unexpected_answer` if more or less is there
 */
export function assertAllStaged(
  sent: readonly SentPart[],
  staged: z.output<ReturnType<typeof inspectedSession>>,
): Compared {
  const held = new Map(staged.parts.map(({ id, rows }) => [id, rows ?? undefined]));
  const ours = new Set(sent.map(({ number }) => number));
  const missing = sent.filter(({ number }) => !held.has(number));
  const others = [...held.keys()].filter((id) => !ours.has(id));
  const counted = sent.flatMap(({ number, rows }) => {
    const theirs = held.get(number);
    return rows === undefined || theirs === undefined ? [] : [{ number, rows, theirs }];
  });
  const faults = [
    ...missing.map(({ number }) => `part ${number} is missing`),
    ...others.map((id) => `part ${id} was not sent`),
    ...counted
      .filter(({ rows, theirs }) => rows !== theirs)
      .map(({ number, rows, theirs }) => `part ${number} has ${theirs} rows instead of ${rows}`),
  ];
  if (faults.length > 0) throw differs(sent.length, faults);
  const rows = counted.reduce((sum, part) => sum + part.rows, 0);
  return { parts: sent.length, rows, partsWithRows: counted.length };
}

function differs(sent: number, faults: readonly string[]): ServiceError {
  const told = faults.slice(0, MOST_TOLD).join(', ');
  const more = faults.length - MOST_TOLD;
  return new ServiceError({
    service: 'opteryx',
    call: CALL,
    kind: 'unexpected_answer',
    detail: `${sent} parts were sent and taken, but the session differs: ${told}${more > 0 ? ` and ${more} more` : ''}`,
  });
}

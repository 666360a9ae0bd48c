import { type Answer, jsonAnswer } from '../../delivery.ts';
import { type Exchange, header } from '../exchange.ts';
import { receivedBody } from '../received_body.ts';
import type { Columns, Session, StagedTable } from '../records.ts';
import { fieldMissing, invalidRequest, refusal } from '../refusals.ts';
import { stageTable } from '../stage_table.ts';
import { TableUnreadable, ValueNotCastable } from '../tables/cells.ts';
import { actionOf } from '../tables/column_types.ts';
import { openSession } from './sessions.ts';

const LAST_PART = 999;

/** Takes one part, whole in itself; the same number again takes its place. */
export async function uploadPart(exchange: Exchange): Promise<Answer> {
  const { world, incoming, url } = exchange;
  const { wireLimitBytes, decodedLimitBytes, now } = world.settings;
  const number = partNumber(url.searchParams.get('part'), 'query');
  const session = openSession(exchange);
  const replaced = session.parts.get(number);
  const tooLarge = `The part is more than ${wireLimitBytes} bytes.`;
  const staged = await inWordsOfV1(exchange, () =>
    stageTable(
      {
        body: receivedBody(incoming, wireLimitBytes, tooLarge),
        name: header(exchange, 'x-file-name'),
        mediaTypes: [
          url.searchParams.get('content_type') ?? undefined,
          header(exchange, 'content-type'),
        ],
        contentEncoding: header(exchange, 'content-encoding'),
        decodedLimit: decodedLimitBytes,
        at: now(),
        timesReplaced: replaced === undefined ? 0 : replaced.timesReplaced + 1,
      },
      { declared: session.declared },
    ),
  );
  // What was judged while the body came may have ended since.
  openSession(exchange).parts.set(number, staged);
  return jsonAnswer(201, {
    status: 'stored',
    part: number,
    rows: staged.facts.rows,
    schema: { columns: arrivedColumns(staged, session.declared) },
    issues: partIssues(session, number, staged),
  });
}

export async function deletePart(exchange: Exchange): Promise<Answer> {
  const number = partNumber(exchange.part, 'path');
  if (!openSession(exchange).parts.delete(number)) throw refusal(404, 'Part not found');
  return jsonAnswer(200, { status: 'deleted', part: number });
}

/** @throws Refusal 422 with a list */
function partNumber(text: string | null, where: 'query' | 'path'): number {
  const loc = [where, 'part'];
  if (text === null) throw fieldMissing(...loc);
  if (!/^-?\d+$/.test(text)) {
    const msg = 'Input should be a valid integer';
    throw invalidRequest([{ loc, msg, type: 'int_parsing' }]);
  }
  const number = Number(text);
  if (number >= 0 && number <= LAST_PART) return number;
  const msg = `Input should be from 0 to ${LAST_PART}`;
  throw invalidRequest([{ loc, msg, type: 'out_of_range' }]);
}

/** Refuses in v1's shape what the reading of a table throws. */
async function inWordsOfV1<Result>(
  { world }: Exchange,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TableUnreadable) throw refusal(422, error.message);
    if (error instanceof ValueNotCastable) {
      throw refusal(world.settings.uncastableStatus, error.message);
    }
    throw error;
  }
}

function arrivedColumns({ facts }: StagedTable, declared: Columns | undefined) {
  return [...(facts.columns ?? [])].map(([name, from]) => {
    const to = declared === undefined ? from : declared.get(name);
    const action = to === undefined ? 'undeclared' : actionOf(from, to);
    return { name, from, type: to ?? from, action };
  });
}

interface PartIssue {
  readonly issue: string;
  readonly part: number;
  readonly column?: string;
}

/** What does not fit together. It is told and never gates a commit. */
export function partIssues(session: Session, part: number, staged: StagedTable): PartIssue[] {
  const columns = staged.facts.columns;
  if (columns === null) return [];
  const issues: PartIssue[] = [];
  const { declared } = session;
  if (declared !== undefined) {
    for (const column of columns.keys()) {
      if (!declared.has(column)) issues.push({ issue: 'column_undeclared', part, column });
    }
    for (const column of declared.keys()) {
      if (!columns.has(column)) issues.push({ issue: 'column_missing', part, column });
    }
  }
  const [first] = [...session.parts].sort(([a], [b]) => a - b);
  const others = first?.[0] === part ? null : (first?.[1].facts.columns ?? null);
  if (others !== null && namesOf(others) !== namesOf(columns)) {
    issues.push({ issue: 'sources_disagree', part });
  }
  return issues;
}

/** Names alone, in any order. */
function namesOf(columns: Columns): string {
  return JSON.stringify([...columns.keys()].sort());
}

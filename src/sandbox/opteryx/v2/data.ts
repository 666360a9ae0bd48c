import { type Answer, jsonAnswer } from '../../delivery.ts';
import { type Exchange, header } from '../exchange.ts';
import { receivedBody } from '../received_body.ts';
import type { Contract, StagedTable } from '../records.ts';
import { contractRefusal } from '../refusals.ts';
import { stageTable } from '../stage_table.ts';
import { TableUnreadable, ValueNotCastable } from '../tables/cells.ts';
import { acceptedContract, contractBody, writeBody } from './contracts.ts';

/** No limit is published for what is streamed. */
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** Takes one whole file, judged row by row as it comes. What is refused leaves nothing. */
export async function writeData(exchange: Exchange): Promise<Answer> {
  const contract = acceptedContract(exchange);
  const written = await inWordsOfV2(() =>
    stageTable(
      {
        body: receivedBody(exchange.incoming, NO_LIMIT, ''),
        name: header(exchange, 'x-file-name'),
        mediaTypes: [header(exchange, 'content-type')],
        contentEncoding: header(exchange, 'content-encoding'),
        decodedLimit: NO_LIMIT,
        at: exchange.world.settings.now(),
        timesReplaced: 0,
      },
      {
        declared: contract.plan.columns,
        ignored: contract.ignored,
        onColumns: (columns) => requireDeclared(contract, columns),
      },
    ),
  );
  requireComplete(contract, written);
  // The target may have changed, or the contract ended, while the body came.
  const still = acceptedContract(exchange);
  still.writes.push(written);
  still.state = 'writing';
  return jsonAnswer(200, { ...contractBody(still), written: [writeBody(still, written)] });
}

/** Refuses in v2's shape what the reading of a table throws. */
async function inWordsOfV2<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TableUnreadable) throw contractRefusal('format_unreadable', error.message);
    if (error instanceof ValueNotCastable) {
      const { message, column, row, value, declared } = error;
      throw contractRefusal('value_not_castable', message, { column, row, value, declared });
    }
    throw error;
  }
}

/** @throws Refusal 409 */
function requireDeclared({ plan, ignored }: Contract, columns: readonly string[]): void {
  const column = columns.find((name) => !plan.columns.has(name) && !ignored.has(name));
  if (column === undefined) return;
  throw contractRefusal('column_undeclared', `Column '${column}' is not declared.`, { column });
}

/** A dataset's own columns may be left out; those of a declaration not. @throws Refusal 409 */
function requireComplete({ plan, mode }: Contract, { facts }: StagedTable): void {
  if (mode === 'dataset' || facts.columns === null || facts.rows === 0) return;
  const column = [...plan.columns.keys()].find((name) => !facts.columns?.has(name));
  if (column === undefined) return;
  throw contractRefusal('column_missing', `Column '${column}' is missing.`, { column });
}

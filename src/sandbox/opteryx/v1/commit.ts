import { z } from 'zod';
import { type Answer, jsonAnswer } from '../../delivery.ts';
import type { Exchange } from '../exchange.ts';
import { mergedColumns, publish } from '../publish.ts';
import { jsonBody } from '../received_body.ts';
import { type Columns, type StagedTable, tableOf } from '../records.ts';
import { bodyOf, refusal } from '../refusals.ts';
import { isCastable } from '../tables/column_types.ts';
import { partsInOrder } from './inspect.ts';
import { openSession, targetSchema } from './sessions.ts';

const commitSchema = z.object({
  target: targetSchema,
  snapshot_message: z.string().nullish(),
  conflict_resolution: z.enum(['fail', 'overwrite', 'append']).default('fail'),
});

/** Publishes the parts by their numbers. There is no key that makes a second try the same one. */
export async function commitSession(exchange: Exchange): Promise<Answer> {
  const { world, incoming } = exchange;
  const body = bodyOf(commitSchema, (await jsonBody(incoming)) ?? {});
  const session = openSession(exchange);
  const table = tableOf(body.target);
  if (session.target !== undefined && tableOf(session.target) !== table) {
    throw refusal(409, `The session is for ${tableOf(session.target)}, not for ${table}.`);
  }
  const parts = partsInOrder(session).map(([, part]) => part);
  if (parts.length === 0) throw refusal(422, 'There is nothing to commit.');
  const existing = world.datasets.get(table);
  if (existing !== undefined && body.conflict_resolution === 'fail') {
    throw refusal(409, `Dataset ${table} already exists.`);
  }
  if (session.declared === undefined && existing !== undefined) {
    requireCastable(parts, existing.columns);
  }
  const snapshot = publish(world, {
    target: body.target,
    tables: parts,
    columns: mergedColumns(parts),
    operation: body.conflict_resolution === 'overwrite' ? 'overwrite' : 'append',
    message: body.snapshot_message ?? null,
  });
  session.state = 'committed';
  return jsonAnswer(200, {
    table,
    commit_id: snapshot.id,
    rows_written: parts.some(({ facts }) => facts.rows === null) ? null : snapshot.rowsWritten,
    files_created: parts.length,
  });
}

/** Parts of a session without a target could not be judged as they came. @throws Refusal 409 */
function requireCastable(parts: readonly StagedTable[], columns: Columns): void {
  for (const row of parts.flatMap(({ facts }) => facts.kept ?? [])) {
    for (const [column, type] of columns) {
      if (isCastable(row[column] ?? null, type)) continue;
      throw refusal(409, `Column '${column}' cannot hold '${row[column]}' as ${type}.`);
    }
  }
}

import { type Answer, jsonAnswer } from '../../delivery.ts';
import type { Exchange } from '../exchange.ts';
import { mergedColumns } from '../publish.ts';
import type { Session, StagedTable } from '../records.ts';
import { partIssues } from './parts.ts';
import { sessionOf } from './sessions.ts';

/** What is staged; nothing at all if nothing is. */
export async function inspectSession(exchange: Exchange): Promise<Answer> {
  const session = sessionOf(exchange);
  const parts = partsInOrder(session);
  if (parts.length === 0) return { status: 204, headers: {}, length: undefined, body: [] };
  const staged = parts.map(([, part]) => part);
  const counts = staged.map(({ facts }) => facts.rows);
  return jsonAnswer(200, {
    rows_estimate: counts.reduce(
      (sum, rows) => (sum === null || rows === null ? null : sum + rows),
      0,
    ),
    schema: {
      columns: [...(session.declared ?? mergedColumns(staged))].map(([name, type]) => ({
        name,
        type,
      })),
    },
    parts: parts.map(([id, part]) => ({
      id,
      rows: part.facts.rows,
      bytes: part.wireBytes,
      kind: part.facts.kind,
      blob: `staging/${session.id}/${id}`,
      uploaded_at: part.at.toISOString(),
    })),
    issues: parts.flatMap(([id, part]) => partIssues(session, id, part)),
  });
}

export function partsInOrder({ parts }: Session): [number, StagedTable][] {
  return [...parts].sort(([a], [b]) => a - b);
}

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { EFFECTS } from '../../../src/operations/operation.ts';

/**
 * What each operation is by the API's own pages, kept apart from the records: scope, tier, form of the
 * answer, and whether it may be asked for twice. Of `reports.generate` the pages name no tier.
 */
const FILE = new URL('operations.tsv', import.meta.url);

const row = z.object({
  operation: z.string(),
  scope: z.string(),
  effect: z.enum(EFFECTS),
  answer: z.enum(['json', 'image', 'redirect', 'xml', 'ndjson', 'file']),
  repeatable: z.enum(['yes', 'no']).transform((word) => word === 'yes'),
});

export type OperationRow = z.output<typeof row>;

function readTable(): readonly OperationRow[] {
  const [head = [], ...rows] = readFileSync(FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.map((cells) => row.parse(Object.fromEntries(cells.map((it, at) => [head[at], it]))));
}

export const operationTable = readTable();

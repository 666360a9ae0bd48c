import { createHash } from 'node:crypto';
import { mergedColumns } from '../publish.ts';
import type { Columns, ContractIssue, Plan, SchemaMode, StagedTable } from '../records.ts';
import { actionOf, isCastable, isKnownType } from '../tables/column_types.ts';

/** What a plan follows from. */
interface Terms {
  readonly mode: SchemaMode;
  readonly samples: readonly StagedTable[];
  readonly named: Columns;
  readonly ignored: ReadonlySet<string>;
}

/** What becomes of each column, and what stands in the way. */
export function planOf(terms: Terms): Plan {
  const { mode, samples, named, ignored } = terms;
  const arriving = mergedColumns(samples);
  const entries = [...arriving].map(([column, from]) => {
    if (ignored.has(column)) return { column, from, to: from, action: 'ignored' as const };
    const to = named.get(column);
    if (to !== undefined) return { column, from, to, action: actionOf(from, to) };
    const action = mode === 'infer' ? ('keep' as const) : ('undeclared' as const);
    return { column, from, to: from, action };
  });
  const written = entries.filter(({ action }) => action !== 'ignored' && action !== 'undeclared');
  const columns =
    mode === 'infer'
      ? new Map(written.map(({ column, to }) => [column, to]))
      : without(named, ignored);
  return {
    columns,
    entries,
    issues: [
      ...disagreements(samples),
      ...entries
        .filter(({ action }) => action === 'undeclared')
        .map(({ column }) => blocking('column_undeclared', 'is not declared.', column)),
      ...[...columns]
        .filter(([column]) => samples.length > 0 && arriving.size > 0 && !arriving.has(column))
        .map(([column]) => missing(mode, column)),
      ...[...columns]
        .filter(([, type]) => !isKnownType(type))
        .map(([column, type]) =>
          blocking('type_unsupported', `cannot be of type ${type}.`, column),
        ),
      ...uncastable(samples, columns),
    ],
    fingerprint: createHash('sha256')
      .update(JSON.stringify([[...columns], entries]))
      .digest('hex'),
  };
}

function without(columns: Columns, ignored: ReadonlySet<string>): Columns {
  return new Map([...columns].filter(([name]) => !ignored.has(name)));
}

function blocking(code: string, what: string, column: string): ContractIssue {
  return { code, column, detail: `Column '${column}' ${what}`, severity: 'blocking' };
}

/** A column that a dataset has may stay empty; one that was declared for these files must be there. */
function missing(mode: SchemaMode, column: string): ContractIssue {
  const severity = mode === 'dataset' ? 'warning' : 'blocking';
  return { ...blocking('column_missing', 'is in none of the samples.', column), severity };
}

function disagreements(samples: readonly StagedTable[]): ContractIssue[] {
  const names = ({ facts }: StagedTable) =>
    JSON.stringify([...(facts.columns ?? new Map()).keys()].sort());
  const readable = samples.filter(({ facts }) => facts.columns !== null);
  const [first, ...others] = readable;
  return others
    .filter((sample) => first !== undefined && names(sample) !== names(first))
    .map(({ source }) => ({
      code: 'sources_disagree',
      detail: `${source} has other columns than ${first?.source}.`,
      severity: 'blocking',
    }));
}

/** The first value of each column that its type cannot hold. */
function uncastable(samples: readonly StagedTable[], columns: Columns): ContractIssue[] {
  const rows = samples.flatMap(({ facts }) => facts.kept ?? []);
  return [...columns].flatMap(([column, type]) => {
    const at = rows.findIndex((row) => !isCastable(row[column] ?? null, type));
    const value = rows[at]?.[column];
    if (value === undefined) return [];
    const what = `cannot hold '${value}' of row ${at + 1} as ${type}.`;
    return [blocking('value_not_castable', what, column)];
  });
}

/** A value of each column as somebody may want to see it. */
export function sampledValues(samples: readonly StagedTable[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const row of samples.flatMap(({ facts }) => facts.kept ?? [])) {
    for (const [column, cell] of Object.entries(row)) {
      if (cell !== null && cell !== '' && !values.has(column)) values.set(column, String(cell));
    }
  }
  return Object.fromEntries(values);
}

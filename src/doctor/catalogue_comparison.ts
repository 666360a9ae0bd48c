import type { ZodTypeAny } from 'zod';
import { zodToJsonSchema } from 'zod-to-json-schema';
import type { Operation } from '../operations/operation.ts';
import type { PublishedApi, PublishedOperation } from './published_api.ts';
import { compareSchemas, type SchemaDifference, type SchemaFact } from './schema_comparison.ts';

/** One way in which the catalogue is not what is published. */
export interface Difference {
  /** Id of the operation. */
  readonly operation: string;
  /** `operation` itself, or a place in its `input` or `output`, as `input.query.*.GT`. */
  readonly where: string;
  /** `presence`: only one side has the operation. */
  readonly fact: SchemaFact | 'presence' | 'scope' | 'effect';
  /** What each side says; undefined for nothing. */
  readonly published: unknown;
  readonly ours: unknown;
}

/** How the API's pages shorten its tiers. */
const EFFECT_NAMES: Readonly<Record<string, string>> = {
  spend: 'external_spend',
  export: 'share_export',
};

/** All differences, of ours in their order and then of what only the published document has. */
export function compareCatalogue(api: PublishedApi, ours: readonly Operation[]): Difference[] {
  const known = new Set(ours.map(({ id }) => id));
  const others = [...api.operations.values()].filter(({ id }) => !known.has(id));
  return [
    ...ours.flatMap((operation) => compareOperation(api, operation)),
    ...others.map(({ id, scope }) => presence(id, scope ?? 'no scope', undefined)),
  ];
}

/** All differences of one operation. */
export function compareOperation(api: PublishedApi, ours: Operation): Difference[] {
  const { id } = ours;
  const published = api.operations.get(id);
  if (published === undefined) return [presence(id, undefined, ours.scope)];
  const compare = (part: 'input' | 'output', model: ZodTypeAny): SchemaDifference[] =>
    compareSchemas(
      part,
      { schema: published[part], definitions: api.definitions },
      { schema: jsonSchemaOf(model), definitions: new Map() },
    );
  return [
    ...claimDifferences(published, ours),
    ...[...compare('input', ours.input), ...compare('output', ours.output)].map((difference) => ({
      operation: id,
      ...difference,
    })),
  ];
}

/** A difference in one line. */
export function differenceWords({ operation, where, fact, published, ours }: Difference): string {
  return `${operation}: ${where} ${fact} ${words(published)}, ours ${words(ours)}`;
}

const words = (value: unknown) =>
  typeof value === 'string' ? value : value === undefined ? 'none' : JSON.stringify(value);

function presence(operation: string, published: unknown, ours: unknown): Difference {
  return { operation, where: 'operation', fact: 'presence', published, ours };
}

function claimDifferences(published: PublishedOperation, ours: Operation): Difference[] {
  const effect = EFFECT_NAMES[published.effect ?? ''] ?? published.effect;
  const claims = [
    ['scope', published.scope, ours.scope],
    ['effect', effect, ours.effect],
  ] as const;
  return claims
    .filter(([, theirs, own]) => theirs !== undefined && theirs !== own)
    .map(([fact, theirs, own]) => ({
      operation: ours.id,
      where: 'operation',
      fact,
      published: theirs,
      ours: own,
    }));
}

function jsonSchemaOf(model: ZodTypeAny): unknown {
  return zodToJsonSchema(model, { $refStrategy: 'none' });
}

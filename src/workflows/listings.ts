import { z } from 'zod';

const listed = z.array(z.object({}).passthrough());
const keyed = z.record(z.object({}).passthrough());

/** One entry of a list answer, open: the published OpenAPI leaves these answers untyped. */
export type ListedRecord = z.output<typeof listed>[number];

/**
 * The records in a list answer whose shape no document fixes: a bare array, or an array or a map
 * of records under one of the given keys (a map's key is kept as `key` where the record has none).
 */
export function recordsIn(answer: unknown, keys: readonly string[]): readonly ListedRecord[] {
  const bare = listed.safeParse(answer);
  if (bare.success) return bare.data;
  const body = z.record(z.unknown()).safeParse(answer);
  if (!body.success) return [];
  for (const key of keys) {
    const list = listed.safeParse(body.data[key]);
    if (list.success) return list.data;
    const map = keyed.safeParse(body.data[key]);
    if (map.success) return Object.entries(map.data).map(([name, it]) => ({ key: name, ...it }));
  }
  return [];
}

/** The first of the named fields that holds a non-empty string. */
export function stringField(record: ListedRecord, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = record[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

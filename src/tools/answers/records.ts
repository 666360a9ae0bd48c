import { type Facts, isObject, RESULTS } from './answer_facts.ts';
import { jsonBytes } from './json_size.ts';

/** The list that an answer is about. */
export interface Records {
  /** Names of the members that lead to it from the facts: one or two. */
  readonly path: readonly [string, ...string[]];
  readonly all: readonly unknown[];
}

/** By which names lists of the API go; these come before a longer list of another name. */
const LIST_NAMES = ['features', 'items', 'results', 'content', 'records', 'data'];
/** By which names answers state how many records there are in all. */
const TOTAL_NAMES = ['numberMatched', 'total', 'totalElements', 'total_count', 'totalCount'];

/**
 * The list of records in facts: the answer itself if that is one, else a member, or a member's member, by
 * its name or else by its size. Coordinates are no records.
 *
 * @param isBare whether the answer was no object, so that `results` is all of it
 */
export function findRecords(facts: Facts, isBare: boolean): Records | undefined {
  const bare = facts[RESULTS];
  if (isBare) return Array.isArray(bare) ? { path: [RESULTS], all: bare } : undefined;
  const top = listsIn(facts, []);
  const named = LIST_NAMES.flatMap((name) => top.find(({ path }) => path[0] === name) ?? [])[0];
  if (named !== undefined) return named;
  const below = Object.entries(facts).flatMap(([name, value]) =>
    isObject(value) ? listsIn(value, [name]) : [],
  );
  return largest([...top, ...below]);
}

/** The facts with other records in the place of theirs. */
export function withRecords(
  facts: Facts,
  [name, ...below]: Records['path'],
  records: readonly unknown[],
): Facts {
  const [next, ...rest] = below;
  const inside = facts[name];
  const value =
    next === undefined || !isObject(inside)
      ? records
      : withRecords(inside, [next, ...rest], records);
  return Object.fromEntries(
    Object.entries(facts).map(([key, it]) => [key, key === name ? value : it]),
  );
}

/** How many records there are in all, as the answer states it. */
export function statedTotal(facts: Facts): number | undefined {
  return find(facts, TOTAL_NAMES, (value) =>
    typeof value === 'number' && Number.isInteger(value) ? value : undefined,
  );
}

/** The token of the answer by which the next one is asked for. */
export function nextToken(facts: Facts): string | undefined {
  return find(facts, ['next', 'next_token'], (value) =>
    typeof value === 'string' && value !== '' ? value : undefined,
  );
}

/** The first member of one of the names, in the facts or one below, that reads as what is looked for. */
function find<T>(
  facts: Facts,
  names: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const members of [facts, ...Object.values(facts).filter(isObject)]) {
    for (const name of names) {
      const found = Object.hasOwn(members, name) ? read(members[name]) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function listsIn(members: Facts, at: readonly string[]): Records[] {
  return Object.entries(members).flatMap(([name, value]) => {
    if (!Array.isArray(value) || !value.every(isRecord)) return [];
    const [first = name, ...below] = [...at, name];
    return [{ path: [first, ...below], all: value }];
  });
}

function isRecord(value: unknown): boolean {
  return isObject(value) || typeof value === 'string';
}

function largest(lists: readonly Records[]): Records | undefined {
  const sized = lists.map((list) => ({ list, bytes: jsonBytes(list.all) }));
  return sized.sort((one, other) => other.bytes - one.bytes)[0]?.list;
}

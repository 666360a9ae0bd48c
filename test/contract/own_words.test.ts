import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { zodToJsonSchema } from 'zod-to-json-schema';
import { catalogue } from '../../src/operations/catalogue.ts';
import { isPublishedApiHere, publishedDocument, whyNot } from './published_api.ts';

/** What a thing is called may take so many words; more of them in a row are somebody's sentence. */
const MOST_SHARED_WORDS = 4;

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[a-z0-9_]+/g) ?? [];

/** The longest run of words that both have. */
function longestShared(one: readonly string[], other: readonly string[]): readonly string[] {
  let longest: readonly string[] = [];
  let before: readonly number[] = [];
  for (const [at, word] of one.entries()) {
    const lengths = other.map((it, place) => (it === word ? (before[place - 1] ?? 0) + 1 : 0));
    const most = Math.max(0, ...lengths);
    if (most > longest.length) longest = one.slice(at + 1 - most, at + 1);
    before = lengths;
  }
  return longest;
}

const node = z.record(z.unknown());
const WORDED = new Set(['summary', 'description']);

/** Every summary and description within a part of a document, also where its references lead. */
function textsIn(part: unknown, schemas: Schemas, seen = new Set<string>()): string[] {
  if (Array.isArray(part)) return part.flatMap((it) => textsIn(it, schemas, seen));
  const members = node.safeParse(part);
  if (!members.success) return [];
  return Object.entries(members.data).flatMap(([name, value]) => {
    if (typeof value !== 'string') return textsIn(value, schemas, seen);
    if (WORDED.has(name)) return [value];
    if (name !== '$ref' || seen.has(value)) return [];
    seen.add(value);
    return textsIn(schemas[value.split('/').at(-1) ?? ''], schemas, seen);
  });
}

type Schemas = Readonly<Record<string, unknown>>;

const document = z
  .object({ paths: node, components: z.object({ schemas: node }) })
  .catch({ paths: {}, components: { schemas: {} } })
  .parse(publishedDocument());

describe('the longest run of words', () => {
  it.each([
    ['a b c d', 'x b c y', ['b', 'c']],
    ['List the items', 'list: the ITEMS!', ['list', 'the', 'items']],
    ['a a a', 'a a', ['a', 'a']],
    ['a', 'b', []],
    ['', 'a', []],
  ])('of %j and %j', (one, other, run) => {
    expect(longestShared(wordsOf(one), wordsOf(other))).toEqual(run);
  });
});

describe.skipIf(!isPublishedApiHere)(`words for operations are our own${whyNot}`, () => {
  const { schemas } = document.components;
  it.each(catalogue.map((operation) => [operation.id, operation] as const))(
    '%s',
    (id, operation) => {
      const theirs = textsIn(document.paths[`/v1/op/${id}`], schemas);
      expect(theirs).not.toEqual([]);
      const input = zodToJsonSchema(operation.input, { $refStrategy: 'none' });
      const ours = [operation.summary, ...textsIn(input, {})];
      const shared = ours.flatMap((text) =>
        theirs.map((it) => longestShared(wordsOf(text), wordsOf(it)).join(' ')),
      );
      const long = shared.filter((run) => run.split(' ').length > MOST_SHARED_WORDS);
      expect([...new Set(long)]).toEqual([]);
    },
  );
});

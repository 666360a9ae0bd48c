import MiniSearch from 'minisearch';
import type { ZodTypeAny } from 'zod';
import { catalogue } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { toolName } from '../tool_name.ts';
import { isGroup } from './groups.ts';
import { leaningOf, type OperationTraits } from './leaning.ts';
import { termsOf } from './terms.ts';

/** How much a word counts by where it stands. */
const BOOST = { id: 3, lead: 1.5, rest: 0.4, keywords: 2, fields: 0.3 };
/** How much a group of the thesaurus counts beside the word itself. */
const GROUP_WEIGHT = 0.75;

/** A word that stands nowhere may be a slip of the finger. */
const SHORTEST_SLIP = 5;
const SLIP = 0.2;

interface OperationIndex {
  readonly search: MiniSearch<IndexedText>;
  readonly vocabulary: ReadonlySet<string>;
  readonly traits: ReadonlyMap<string, OperationTraits>;
  /** Ids by the names that the operations have as tools. */
  readonly idByName: ReadonlyMap<string, string>;
}

type IndexedText = Readonly<Record<keyof typeof BOOST | 'operation', string>>;

let index: OperationIndex | undefined;

/**
 * Ids of operations by how well they fit a wish in plain words, the best first; empty if no word is known.
 * Those that the wish names by id come before all others.
 */
export function rankOperations(wish: string): readonly string[] {
  index ??= indexOf(catalogue);
  return [...new Set([...namedIn(wish, index), ...found(wish, index)])];
}

function found(wish: string, { search, vocabulary, traits }: OperationIndex): readonly string[] {
  const terms = termsOf(wish);
  const leaning = leaningOf({ text: wish, terms });
  const factors = new Map([...traits].map(([id, it]) => [id, leaning(it)]));
  const mayBeSlip = (term: string) =>
    term.length >= SHORTEST_SLIP && !isGroup(term) && !vocabulary.has(term);
  return search
    .search(wish, {
      boost: BOOST,
      boostTerm: (term) => (isGroup(term) ? GROUP_WEIGHT : 1) * (terms.get(term) ?? 1),
      boostDocument: (id) => factors.get(id) ?? 1,
      fuzzy: (term) => mayBeSlip(term) && SLIP,
    })
    .map(({ id }) => id);
}

function namedIn(wish: string, { idByName }: OperationIndex): readonly string[] {
  const names = wish.toLowerCase().match(/[a-z]+(?:[._][a-z]+)+/g) ?? [];
  return names.flatMap((name) => idByName.get(toolName(name)) ?? []);
}

function indexOf(operations: readonly Operation[]): OperationIndex {
  const vocabulary = new Set<string>();
  const search = new MiniSearch<IndexedText>({
    idField: 'operation',
    fields: Object.keys(BOOST),
    tokenize: (text) => [...termsOf(text).keys()],
    processTerm(term, field) {
      // A wish is of no field.
      if (field !== undefined) vocabulary.add(term);
      return term;
    },
  });
  search.addAll(operations.map(indexedText));
  return {
    search,
    vocabulary,
    traits: new Map(operations.map((operation) => [operation.id, traitsOf(operation)])),
    idByName: new Map(operations.map(({ id }) => [toolName(id), id])),
  };
}

const OTHER_OPERATION = /\b\w+(\.\w+)+\b/g;

function indexedText({ id, summary, keywords, input }: Operation): IndexedText {
  const [lead = '', ...rest] = summary.split(/(?<=\.)\s/);
  return {
    operation: id,
    id,
    lead,
    // What a summary sends elsewhere for is not what its own operation does.
    rest: rest.join(' ').replaceAll(OTHER_OPERATION, ''),
    keywords,
    fields: Object.keys(input.shape).join(' '),
  };
}

const LIST = /[._]list$/;

function traitsOf({ id, effect, input }: Operation): OperationTraits {
  const required = Object.entries<ZodTypeAny>(input.shape).filter(([, it]) => !it.isOptional());
  return { effect, lists: LIST.test(id), takesId: required.some(([name]) => name.endsWith('_id')) };
}

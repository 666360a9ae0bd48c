import type { Effect } from '../../operations/operation.ts';
import { groupTerm } from './groups.ts';
import { STOP_WORDS } from './stop_words.ts';
import { wordsOf } from './words.ts';

/** What is looked at of an operation, beside its words. */
export interface OperationTraits {
  readonly effect: Effect;
  /** Whether it answers many things. */
  readonly lists: boolean;
  /** Whether it is about one thing, which must be named by its id. */
  readonly takesId: boolean;
}

interface Wish {
  readonly text: string;
  readonly terms: ReadonlyMap<string, number>;
}

interface Leaning {
  said(wish: Wish): boolean;
  towards(operation: OperationTraits): boolean;
  /** By how much the score of such an operation grows. */
  readonly factor: number;
}

const LEANINGS: readonly Leaning[] = [
  { said: removes, towards: ({ effect }) => effect === 'destructive', factor: 2.5 },
  {
    said: (wish) => !removes(wish),
    towards: ({ effect }) => effect === 'destructive',
    factor: 0.8,
  },
  {
    said: (wish) => asks(wish) && !removes(wish),
    towards: ({ effect }) => effect === 'read',
    factor: 1.6,
  },
  { said: speaksOfMany, towards: ({ lists }) => lists, factor: 1.15 },
  { said: namesOneThing, towards: ({ takesId }) => takesId, factor: 1.5 },
];

/** How a wish is worded says what kind of operation it is after: by what to multiply the score of each. */
export function leaningOf(wish: Wish): (operation: OperationTraits) => number {
  const said = LEANINGS.filter((it) => it.said(wish));
  return (operation) =>
    said.reduce((all, it) => (it.towards(operation) ? all * it.factor : all), 1);
}

const REMOVALS = ['remove', 'revoke', 'cancel'].map(groupTerm);

function removes({ terms }: Wish): boolean {
  return REMOVALS.some((it) => terms.has(it));
}

const POLITE =
  /^(please|kindly|(can|could|would|will) (you|we)|(i|we) (want|need|would like|d like) to|let (me|us)|help me)\s/;
/** How can I, and how do I, ask for an act. */
const QUESTION =
  /^((in|for|on|at|to|from|by|under) )?((which|what|when|where|who|whose|is|are|was|were|has|have|does|did|do (i|we|you|they)|am|any|anything|will|show|list|see|look|describe)\b|how (?!do|can|to|could))/;

function asks({ text }: Wish): boolean {
  return QUESTION.test(withoutPoliteness(wordsOf(text).join(' ')));
}

function withoutPoliteness(text: string): string {
  const rest = text.replace(POLITE, '');
  return rest === text ? text : withoutPoliteness(rest);
}

const PLURAL = /[^su]s$/;

function speaksOfMany({ text }: Wish): boolean {
  return wordsOf(text).some((word) => PLURAL.test(word) && !STOP_WORDS.has(word));
}

/** An id, as in item_5c1e or 10400100, or a UUID. */
const ID = /\b[a-z]+_\w*\d\w*\b|\b[\da-f]{8}-[\da-f-]{4,}|\b\d{5,}\b/i;

function namesOneThing({ text }: Wish): boolean {
  return ID.test(text);
}

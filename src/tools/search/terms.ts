import { groupsIn } from './groups.ts';
import { stemOf } from './stem.ts';
import { STOP_WORDS } from './stop_words.ts';
import { wordsOf } from './words.ts';

const SHORTEST_WORD = 2;

/**
 * What a text is looked up by, and how much each counts: the stems of its words, 1 each, and the groups of
 * the thesaurus that they are in.
 */
export function termsOf(text: string): ReadonlyMap<string, number> {
  const words = wordsOf(text);
  const telling = words.filter((it) => it.length >= SHORTEST_WORD && !STOP_WORDS.has(it));
  const stems = telling.map((word): [string, number] => [stemOf(word), 1]);
  // Of a phrase, words that alone tell nothing are a part.
  return new Map([...stems, ...groupsIn(words.map(stemOf))]);
}

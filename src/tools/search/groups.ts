import { stemOf } from './stem.ts';
import { THESAURUS } from './thesaurus.ts';

/** Marks a term that stands for all words of a group of the thesaurus; no word holds it. */
const GROUP_MARK = '~';
const LONGEST_PHRASE = 3;

/** The term that stands for a group. */
export function groupTerm(group: string): string {
  return GROUP_MARK + group;
}

/** True for a term that stands for a group of the thesaurus. */
export function isGroup(term: string): boolean {
  return term.startsWith(GROUP_MARK);
}

/**
 * The groups that the words of a text are in, by their terms.
 *
 * @param stems of all its words, in order
 * @returns how much each counts: 1, or less the more groups the same words could mean
 */
export function groupsIn(stems: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const phrase of phrasesIn(stems)) {
    const groups = GROUPS_BY_PHRASE.get(phrase) ?? [];
    const weight = 1 / Math.sqrt(groups.length);
    for (const group of groups) found.set(group, Math.max(weight, found.get(group) ?? 0));
  }
  return found;
}

function* phrasesIn(stems: readonly string[]): Generator<string> {
  for (let length = 1; length <= LONGEST_PHRASE; length += 1)
    for (let at = 0; at + length <= stems.length; at += 1)
      yield stems.slice(at, at + length).join('_');
}

const GROUPS_BY_PHRASE = groupsByPhrase();

function groupsByPhrase(): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const [group, phrases] of Object.entries(THESAURUS))
    for (const phrase of new Set(phrases.split(/\s+/).map(stemsOf)))
      groups.set(phrase, [...(groups.get(phrase) ?? []), groupTerm(group)]);
  return groups;
}

function stemsOf(phrase: string): string {
  return phrase.split('_').map(stemOf).join('_');
}

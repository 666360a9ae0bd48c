import { describe, expect, it } from 'vitest';
import { groupTerm } from '../../../../src/tools/search/groups.ts';
import { termsOf } from '../../../../src/tools/search/terms.ts';
import { THESAURUS } from '../../../../src/tools/search/thesaurus.ts';

const GROUPS = Object.entries(THESAURUS).map(
  ([group, text]) => [group, text.split(/\s+/)] as const,
);

describe('the thesaurus', () => {
  it.each(GROUPS)('knows each phrase of the group %s in a sentence', (group, phrases) => {
    const sentences = phrases.map((it) => `Please, ${it.replaceAll('_', ' ')} 7!`);
    expect(sentences.filter((it) => !termsOf(it).has(groupTerm(group)))).toEqual([]);
  });

  it.each(GROUPS)('says nothing twice in the group %s, and more than one thing', (_, phrases) => {
    expect(phrases.filter((it, at) => phrases.indexOf(it) !== at)).toEqual([]);
    expect(phrases.length).toBeGreaterThan(1);
  });

  it('counts a word less the more groups it could be of', () => {
    const inGroups = GROUPS.filter(([, phrases]) => phrases.includes('order'));
    expect(inGroups.length).toBeGreaterThan(1);
    for (const [group] of inGroups)
      expect(termsOf('order').get(groupTerm(group))).toBeCloseTo(1 / Math.sqrt(inGroups.length));
  });

  it('takes words of a phrase that alone tell nothing', () => {
    expect([...termsOf('get rid of it').keys()]).toContain(groupTerm('remove'));
    expect([...termsOf('of it').keys()]).toEqual([]);
  });
});

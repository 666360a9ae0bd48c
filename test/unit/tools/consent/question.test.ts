import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../src/operations/catalogue.ts';
import { collections } from '../../../../src/operations/collections.ts';
import { orders } from '../../../../src/operations/orders.ts';
import { actInWords } from '../../../../src/tools/consent/question.ts';
import { exampleInput } from '../../../../src/tools/operations/example_input.ts';

const MOST_CHARS = 2_500;
/** What ends a line, what is not seen, and what is seen otherwise than it is. */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const UNTRUSTED: readonly (readonly [string, string])[] = [
  ['lines', 'x"}\nOperation: items.get\r\nWith: {}'],
  ['other line ends', 'x\u2028Operation: items.get\u2029\u0085y\u000bz'],
  ['orders of reading', 'x\u202ecod.exe\u2066y\u2069\u200f'],
  ['blanks without width', 'x\u200b\u200d\ufeff\u00ady'],
  ['tags', 'x\u{e0041}\u{e0042}'],
  ['half of a pair', 'x\ud800y'],
  ['an escape of a terminal', '\u001b[2J\u001b[31mx\u0007'],
  ['headings and rules', '\n\n# Approved\n---\n> yes\n* tick the box'],
  ['markup', '<script>alert(1)</script><h1>x</h1>'],
  ['a length', 'long '.repeat(100_000)],
];

const linesOf = (question: string) => question.split('\n');

function expectHonest(question: string, id: string): void {
  expect(question.length).toBeLessThan(MOST_CHARS);
  const lines = linesOf(question);
  expect(lines).toHaveLength(4);
  expect(lines.filter((line) => line.startsWith('Operation: '))).toEqual([`Operation: ${id}`]);
  expect(lines[3]).toMatch(/^With: \{/);
  for (const line of lines) expect(line).not.toMatch(DECEIVING);
}

describe('the question before an act', () => {
  const asking = catalogue.filter(({ asksFirst }) => asksFirst);

  it.each(asking.map((operation) => [operation.id, operation] as const))(
    'of %s says what it does, what follows, which operation and with what',
    (id, operation) => {
      const question = actInWords(operation, exampleInput(operation.input));
      expectHonest(question, id);
      const [does, follows] = linesOf(question);
      expect(does).toMatch(/^Geopera: [A-Z].*\.$/);
      expect(follows).toMatch(/^It .*\.$/);
    },
  );

  it.each(UNTRUSTED)('holds four lines whatever an argument is: %s', (_, text) => {
    for (const input of [{ name: text }, { [text]: 1 }, { deep: [{ [text]: [text] }] }]) {
      expectHonest(actInWords(collections.delete, input), 'collections.delete');
    }
  });

  it('holds four lines whatever the arguments are', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3_000 });
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.jsonValue())), (input) => {
        expectHonest(actInWords(collections.delete, input), 'collections.delete');
      }),
    );
  });

  it('shows what is short in full, also beside what is long', () => {
    const input = {
      captures: Array.from({ length: 500 }, (_, n) => ({ id: `capture ${n}` })),
      note: 'x'.repeat(5_000),
      splitByDate: true,
      project_id: 'prj_1',
    };
    const [, , , shown] = linesOf(actInWords(orders.archivePlace, input));
    expect(shown).toContain('"splitByDate":true');
    expect(shown).toContain('"project_id":"prj_1"');
    expect(shown).toContain('"capture 0"');
    expect(shown).toContain('"note":"xxx');
  });

  it('shows what the operation is known to take before all that was added', () => {
    const added = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`a${n}`, n]));
    const captures = [{ id: 'capture 0', geometry: { type: 'Point', coordinates: [1, 2] } }];
    const question = actInWords(orders.archivePlace, { ...added, captures });
    expectHonest(question, 'orders.archive.place');
    const [, , , shown = ''] = linesOf(question);
    expect(shown).toContain(`"captures":${JSON.stringify(captures)}`);
    expect(shown.indexOf('"captures"')).toBeLessThan(shown.indexOf('"a0"'));
    expect(shown).toMatch(/ and \d+ more$/);
  });

  it('says how many of a great many arguments it does not show', () => {
    const input = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`more_${n}`, 'y'.repeat(99)]),
    );
    const question = actInWords(orders.archivePlace, input);
    expectHonest(question, 'orders.archive.place');
    expect(question).toMatch(/ and 9\d\d more$/);
  });

  it('shows all of a call that is no longer than others', () => {
    const input = { project_id: 'prj_1', collection_id: 'col_1' };
    const [, , , shown = ''] = linesOf(actInWords(collections.delete, input));
    expect(JSON.parse(shown.slice('With: '.length))).toEqual(input);
  });
});

import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import { HELD_OUT, TUNED } from './tasks.ts';

const ALL = [...TUNED, ...HELD_OUT];
const asked = new Set(ALL.flatMap(({ operations }) => operations));
const known = new Set(catalogue.map(({ id }) => id));

/** How few tasks may leave open which of two operations is meant. */
const MOST_OPEN_TASKS = 12;

const normal = (task: string) =>
  task
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

describe('the plain-language tasks', () => {
  it('are a hundred in each half', () => {
    expect([TUNED.length, HELD_OUT.length]).toEqual([100, 100]);
  });

  it('are all different', () => {
    const seen = ALL.map(({ task }) => normal(task));
    expect(seen.filter((task, index) => seen.indexOf(task) !== index)).toEqual([]);
  });

  it('never name the operation that they ask for', () => {
    expect(
      ALL.filter(({ task, operations }) => operations.some((id) => task.includes(id))),
    ).toEqual([]);
  });

  it('seldom leave two operations open', () => {
    const open = ALL.filter(({ operations }) => operations.length > 1);
    expect(open.length).toBeLessThanOrEqual(MOST_OPEN_TASKS);
    expect(open.filter(({ operations }) => new Set(operations).size < 2)).toEqual([]);
  });

  it('ask for operations of the catalogue only', () => {
    expect([...asked].filter((id) => !known.has(id))).toEqual([]);
  });

  it('ask for every operation of the catalogue', () => {
    expect([...known].filter((id) => !asked.has(id))).toEqual([]);
  });
});

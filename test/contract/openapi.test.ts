import { describe, expect, it } from 'vitest';
import {
  compareCatalogue,
  compareOperation,
  type Difference,
  differenceWords,
} from '../../src/doctor/catalogue_comparison.ts';
import {
  INTERNAL,
  isSame,
  KNOWN_DIFFERENCES,
  LEFT_OUT,
  leftOutFor,
  RULES,
  reasonFor,
} from '../../src/doctor/known_differences.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { isPublishedApiHere, publishedApi, whyNot } from './published_api.ts';

describe.skipIf(!isPublishedApiHere)(`the catalogue against the published OpenAPI${whyNot}`, () => {
  const api = publishedApi();
  const all = compareCatalogue(api, catalogue);
  const ids = new Set(catalogue.map(({ id }) => id));
  const unknown = (found: readonly Difference[]) =>
    found.filter((it) => reasonFor(it) === undefined).map(differenceWords);

  it.each(catalogue.map((operation) => [operation.id, operation] as const))(
    '%s differs only where it is known to',
    (_, operation) => {
      expect(unknown(compareOperation(api, operation))).toEqual([]);
    },
  );

  it('shows every operation that is for customers to be ours', () => {
    const theirs = [...api.operations.values()].filter((it) => leftOutFor(it) === undefined);
    expect(theirs.map(({ id }) => id).filter((id) => !ids.has(id))).toEqual([]);
    expect(theirs.length).toBe(catalogue.length);
  });

  it('shows none of ours to be among those that are left out', () => {
    expect(catalogue.filter((it) => leftOutFor(it) !== undefined)).toEqual([]);
  });

  it.each(KNOWN_DIFFERENCES.map((it) => [`${it.operation}: ${it.where} ${it.fact}`, it] as const))(
    'still differs as is known: %s',
    (_, known) => {
      expect(all.filter((difference) => isSame(known, difference))).toHaveLength(1);
    },
  );

  it.each(RULES.map((rule) => [rule.reason, rule] as const))(
    'still differs by the rule: %s',
    (_, rule) => {
      expect(all.filter((difference) => rule.holds(difference))).not.toEqual([]);
    },
  );

  it.each(LEFT_OUT.map((it) => [it.reason, it] as const))(
    'still has what is left out: %s',
    (_, leftOut) => {
      const found = [...api.operations.values()].filter((it) => leftOut.holds(it));
      expect(found).not.toEqual([]);
    },
  );

  it('names nothing internal', () => {
    expect([...api.operations.values()].filter((it) => INTERNAL.holds(it))).toEqual([]);
  });
});

describe('why something may differ', () => {
  it('is said as a phrase, once', () => {
    const reasons = [...RULES, ...LEFT_OUT].map(({ reason }) => reason);
    expect(new Set(reasons).size).toBe(reasons.length);
    for (const { reason } of [...RULES, ...KNOWN_DIFFERENCES, ...LEFT_OUT, INTERNAL]) {
      expect(reason).toMatch(/^(?!TODO)\S.{10,}[^.]$/);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beyondBounds } from '../../src/json_bounds.ts';

const childrenOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...childrenOf(value).map(depthOf))
    : 0;

/** All that a schema would look at, but that what is empty counts too. */
const valuesIn = (value: unknown): number =>
  1 + childrenOf(value).reduce<number>((sum, child) => sum + valuesIn(child), 0);

describe('the bounds of JSON', () => {
  it('are seen in its text as in its value', () => {
    const bound = fc.integer({ min: 0, max: 8 });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), bound, (value, depth) => {
        const bytes = Buffer.from(JSON.stringify(value, null, 1));
        const beyond = beyondBounds(bytes, { depth, values: Number.MAX_SAFE_INTEGER });
        expect(beyond).toBe(depthOf(value) > depth ? 'depth' : undefined);
      }),
    );
  });

  it('let nothing pass that has more values, and refuse nothing that has half as many', () => {
    const bound = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), bound, (value, values) => {
        const bytes = Buffer.from(JSON.stringify(value, null, 1));
        const beyond = beyondBounds(bytes, { depth: Number.MAX_SAFE_INTEGER, values });
        if (valuesIn(value) > values) expect(beyond).toBe('values');
        if (valuesIn(value) * 2 <= values) expect(beyond).toBeUndefined();
      }),
    );
  });

  it('make no text throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(['depth', 'values', undefined]).toContain(beyondBounds(bytes));
      }),
    );
  });
});

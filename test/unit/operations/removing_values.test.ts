import { describe, expect, it } from 'vitest';
import { zodToJsonSchema } from 'zod-to-json-schema';
import { catalogue } from '../../../src/operations/catalogue.ts';
import { items } from '../../../src/operations/items.ts';

/** States and choices by which something goes, or is on its way to. */
const REMOVING = /^(?:delet|remov|expir|purg|cancel|revok|destroy)/i;

/** Every text that a model lists as a choice, wherever in it. */
function choices(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) =>
    name === 'enum' && Array.isArray(value)
      ? value.filter((it) => typeof it === 'string')
      : choices(value),
  );
}

const careless = catalogue.filter(({ asksFirst, effect }) => effect !== 'read' && !asksFirst);

describe('an operation that does not ask first', () => {
  it.each(careless.map((it) => [it.id, it] as const))('%s takes no word that removes', (_, it) => {
    const schema = zodToJsonSchema(it.input, { $refStrategy: 'none' });
    expect(choices(schema).filter((choice) => REMOVING.test(choice))).toEqual([]);
  });

  it('may bring an item back, or put it out of sight', () => {
    const states = ['active', 'archived', 'expiring', 'expired', 'deleted'];
    const taken = states.filter(
      (lifecycle_state) => items.update.input.safeParse({ item_id: 'i', lifecycle_state }).success,
    );
    expect(taken).toEqual(['active', 'archived']);
  });
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogue } from '../../../../src/operations/catalogue.ts';
import { exampleInput } from '../../../../src/tools/operations/example_input.ts';

const byId = catalogue.map((operation) => [operation.id, operation] as const);

const position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const polygon = z
  .object({
    type: z.literal('Polygon'),
    coordinates: z.array(
      z
        .array(position)
        .min(4)
        .refine((ring) => String(ring.at(0)) === String(ring.at(-1)), 'is not closed'),
    ),
  })
  .strict();

/** Whatever stands under a member that is named as an area is. */
function areasIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    /^(?:\w+_)?geometry$|^intersects$/.test(name) ? [member] : areasIn(member),
  );
}

describe('the example of an input', () => {
  it.each(byId)('of %s passes its model', (_, { input }) => {
    expect(input.safeParse(exampleInput(input)).error?.issues).toBeUndefined();
  });

  it.each(byId)('of %s names every field that must be given, and no other', (_, { input }) => {
    const required = Object.entries<z.ZodTypeAny>(input.shape).filter(([, it]) => !it.isOptional());
    expect(Object.keys(exampleInput(input))).toEqual(required.map(([name]) => name));
  });

  it.each(byId)('of %s survives being sent as JSON', (_, { input }) => {
    const example = exampleInput(input);
    expect(JSON.parse(JSON.stringify(example))).toEqual(example);
  });

  it('shows an area as GeoJSON has it, also where the model takes less', () => {
    const areas = catalogue.flatMap(({ input }) => areasIn(exampleInput(input)));
    expect(areas.length).toBeGreaterThan(2);
    for (const area of areas) expect(() => polygon.parse(area)).not.toThrow();
  });
});

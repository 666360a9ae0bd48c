import {
  type AnyZodObject,
  ZodArray,
  ZodBoolean,
  ZodEnum,
  ZodNullable,
  ZodNumber,
  ZodObject,
  ZodOptional,
  ZodRecord,
  ZodString,
  type ZodTypeAny,
} from 'zod';

const SQUARE = {
  type: 'Polygon',
  coordinates: [
    [
      [151.1, -33.9],
      [151.2, -33.9],
      [151.2, -33.8],
      [151.1, -33.8],
      [151.1, -33.9],
    ],
  ],
};

/** Values that a model cannot tell from the type of a field. */
const BY_NAME: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['bbox', [151.1, -33.95, 151.3, -33.8]],
  ['datetime', '2024-01-01T00:00:00Z/2024-06-30T00:00:00Z'],
  ['z', 12],
  ['x', 3768],
  ['y', 2457],
  ['geometry', SQUARE],
  ['aoi_geometry', SQUARE],
  ['intersects', SQUARE],
  ['payment_method_id', 'pm_example'],
]);

/** An input that fits the model: the fields that must be given, with values to put the right ones in place of. */
export function exampleInput(model: AnyZodObject): Readonly<Record<string, unknown>> {
  const required = Object.entries<ZodTypeAny>(model.shape).filter(([, it]) => !it.isOptional());
  return Object.fromEntries(required.map(([name, field]) => [name, exampleOf(name, field)]));
}

function exampleOf(name: string, field: ZodTypeAny): unknown {
  const byName = BY_NAME.get(name);
  if (byName !== undefined && field.safeParse(byName).success) return byName;
  if (field instanceof ZodOptional || field instanceof ZodNullable)
    return exampleOf(name, field.unwrap());
  if (field instanceof ZodEnum) return field.options[0];
  if (field instanceof ZodString) return exampleText(name, field);
  if (field instanceof ZodNumber) return Math.max(1, field.minValue ?? 1);
  if (field instanceof ZodBoolean) return true;
  if (field instanceof ZodArray) return exampleList(name, field);
  if (field instanceof ZodObject) return exampleInput(field);
  if (field instanceof ZodRecord) return {};
  return null;
}

function exampleList(name: string, field: ZodArray<ZodTypeAny>): unknown {
  const length = field._def.exactLength?.value ?? field._def.minLength?.value ?? 1;
  return Array.from({ length }, () => exampleOf(name.replace(/s$/, ''), field.element));
}

function exampleText(name: string, field: ZodString): string {
  if (field.isDatetime) return '2030-01-31T00:00:00Z';
  const placeholder = `<${name}>`;
  return field.safeParse(placeholder).success ? placeholder : `${name}_example`;
}

import {
  type AnyZodObject,
  ZodDefault,
  ZodEnum,
  ZodOptional,
  ZodString,
  type ZodTypeAny,
  type z,
} from 'zod';

/** Arguments that do not fit the tool's input schema. */
export class InvalidArguments extends Error {
  readonly tool: string;
  /** One line each: which argument and what is wrong with it. */
  readonly faults: readonly string[];

  constructor(tool: string, faults: readonly string[]) {
    super(`${tool}: ${faults.join('; ')}`);
    this.name = 'InvalidArguments';
    this.tool = tool;
    this.faults = faults;
  }
}

/** Checks a client's arguments against the tool's own model. Throws `InvalidArguments`. */
export function decodeArguments<Input extends AnyZodObject>(
  tool: string,
  input: Input,
  args: unknown,
): z.output<Input> {
  const parsed = input.safeParse(unwrapStringified(input, args ?? {}));
  if (parsed.success) return parsed.data;
  const known = Object.keys(input.shape).join(', ');
  throw new InvalidArguments(
    tool,
    parsed.error.issues.map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown argument ${issue.keys.join(', ')} (known: ${known})`
        : `${issue.path.join('.') || 'arguments'}: ${issue.message}`,
    ),
  );
}

/** Several clients send objects, arrays, numbers and booleans as JSON text; that text is meant. */
function unwrapStringified(input: AnyZodObject, args: unknown): unknown {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args;
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      const wanted: ZodTypeAny | undefined = input.shape[name];
      const isText = wanted === undefined || takesText(wanted);
      return [name, typeof value === 'string' && !isText ? jsonOr(value) : value];
    }),
  );
}

function takesText(schema: ZodTypeAny): boolean {
  if (schema instanceof ZodOptional) return takesText(schema.unwrap());
  if (schema instanceof ZodDefault) return takesText(schema.removeDefault());
  return schema instanceof ZodString || schema instanceof ZodEnum;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import {
  type AnyZodObject,
  ZodDefault,
  ZodEnum,
  type ZodIssue,
  ZodNullable,
  ZodOptional,
  ZodString,
  type ZodTypeAny,
  type z,
} from 'zod';
import { plainNames, plainText } from '../geopera/plain_text.ts';
import { beyondBounds } from '../json_bounds.ts';

const MAX_FAULTS = 10;
const MAX_FAULT_CHARS = 200;

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
  const parsed = input.safeParse(asMeant(input, args ?? {}));
  if (parsed.success) return parsed.data;
  const known = Object.keys(input.shape).join(', ');
  const faults = parsed.error.issues.slice(0, MAX_FAULTS).map((issue) => faultWords(issue, known));
  throw new InvalidArguments(tool, faults);
}

function faultWords(issue: ZodIssue, known: string): string {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') {
    return plainText(`${path === '' ? 'arguments' : path}: ${issue.message}`, MAX_FAULT_CHARS);
  }
  const where = path === '' ? ` (known: ${known})` : ` in ${path}`;
  return `unknown argument ${plainNames(issue.keys, MAX_FAULTS)}${where}`;
}

/**
 * Several clients send objects, arrays, numbers and booleans as JSON text; that text is meant. Others send
 * null for whatever they leave out.
 */
function asMeant(input: AnyZodObject, args: unknown): unknown {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args;
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) => {
      const wanted = modelOf(name, input);
      if (value === null && wanted?.isOptional() && !wanted.isNullable()) return [];
      const isText = wanted === undefined || takesText(wanted);
      return [[name, typeof value === 'string' && !isText ? jsonOr(value) : value]];
    }),
  );
}

function modelOf(name: string, { shape }: AnyZodObject): ZodTypeAny | undefined {
  return Object.hasOwn(shape, name) ? shape[name] : undefined;
}

function takesText(schema: ZodTypeAny): boolean {
  if (schema instanceof ZodOptional || schema instanceof ZodNullable)
    return takesText(schema.unwrap());
  if (schema instanceof ZodDefault) return takesText(schema.removeDefault());
  return schema instanceof ZodString || schema instanceof ZodEnum;
}

function jsonOr(text: string): unknown {
  // What came inside a text was judged as one value so far.
  if (beyondBounds(Buffer.from(text)) !== undefined) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

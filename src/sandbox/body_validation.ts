import { z } from 'zod';
import { BodyInvalidError, type ValidationDetail } from './problems.ts';

/** Members that may be left out are left out rather than null. */
export type Given<Body> = {
  [Name in keyof Body]: undefined extends Body[Name] ? Exclude<Body[Name], null> : Body[Name];
};

/**
 * Validates a request body with the operation's own model, as leniently as the API does:
 * members that the model does not know are dropped, and `null` stands for an absent optional one
 * (the published OpenAPI makes those nullable, and its generated clients send them).
 *
 * @throws BodyInvalidError naming each wrong member
 */
export function parseBody<Model extends z.AnyZodObject>(
  model: Model,
  body: unknown,
): Given<z.output<Model>> {
  const candidate = withoutNullOptionals(model, body);
  const first = model.safeParse(candidate);
  if (first.success) return given(model, first.data);
  for (const issue of first.error.issues) {
    if (issue.code === 'unrecognized_keys') removeKeys(candidate, issue.path, issue.keys);
  }
  const second = model.safeParse(candidate);
  if (second.success) return given(model, second.data);
  throw new BodyInvalidError(second.error.issues.map(fastApiDetail));
}

const record = z.record(z.unknown());

function given<Body>(model: z.AnyZodObject, body: Body): Given<Body> {
  if (isGiven(model, body)) return body;
  throw new Error('null stands where a member may be left out');
}

function isGiven<Body>(model: z.AnyZodObject, body: Body): body is Body & Given<Body> {
  const members = record.parse(body);
  return Object.keys(members).every((name) => members[name] !== null || !mayBeLeftOut(model, name));
}

function mayBeLeftOut({ shape }: z.AnyZodObject, name: string): boolean {
  return shape[name] instanceof z.ZodOptional;
}

function withoutNullOptionals(model: z.AnyZodObject, body: unknown): unknown {
  const copy = structuredClone(body);
  const members = record.safeParse(copy);
  if (!members.success) return copy;
  const kept = Object.entries(members.data).filter(
    ([name, value]) => value !== null || !mayBeLeftOut(model, name),
  );
  return Object.fromEntries(kept);
}

function removeKeys(body: unknown, path: readonly (string | number)[], keys: readonly string[]) {
  let holder: unknown = body;
  for (const step of path) {
    if (typeof holder !== 'object' || holder === null) return;
    holder = Reflect.get(holder, step);
  }
  if (typeof holder !== 'object' || holder === null) return;
  for (const key of keys) Reflect.deleteProperty(holder, key);
}

type Wording = Pick<ValidationDetail, 'msg' | 'type'>;

/** What pydantic says when a member has the wrong type, by the type that was expected. */
const TYPE_WORDING: Readonly<Record<string, Wording>> = {
  string: { type: 'string_type', msg: 'Input should be a valid string' },
  number: { type: 'float_type', msg: 'Input should be a valid number' },
  integer: { type: 'int_type', msg: 'Input should be a valid integer' },
  boolean: { type: 'bool_type', msg: 'Input should be a valid boolean' },
  array: { type: 'list_type', msg: 'Input should be a valid list' },
  object: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
};

const MISSING: Wording = { type: 'missing', msg: 'Field required' };

function fastApiDetail(issue: z.ZodIssue): ValidationDetail {
  return { loc: ['body', ...issue.path], ...wordingOf(issue) };
}

function wordingOf(issue: z.ZodIssue): Wording {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.received === 'undefined') return MISSING;
      return TYPE_WORDING[issue.expected] ?? literalWording(issue.expected.split(' | '));
    case 'too_small':
      return boundWording(issue.type, 'at least', 'greater', issue.minimum);
    case 'too_big':
      return boundWording(issue.type, 'at most', 'less', issue.maximum);
    case 'invalid_enum_value':
      return literalWording(issue.options.map((option) => `'${option}'`));
    default:
      return { type: 'value_error', msg: issue.message };
  }
}

function boundWording(
  kind: string,
  amount: 'at least' | 'at most',
  comparison: 'greater' | 'less',
  bound: number | bigint,
): Wording {
  if (kind === 'string') {
    const type = amount === 'at least' ? 'string_too_short' : 'string_too_long';
    return { type, msg: `String should have ${amount} ${bound} character${plural(bound)}` };
  }
  return {
    type: `${comparison}_than_equal`,
    msg: `Input should be ${comparison} than or equal to ${bound}`,
  };
}

function plural(count: number | bigint): string {
  return Number(count) === 1 ? '' : 's';
}

/** @param options the allowed values, quoted */
function literalWording(options: readonly string[]): Wording {
  const last = options.slice(-1);
  const others = options.slice(0, -1).join(', ');
  const list = [...(others === '' ? [] : [others]), ...last].join(' or ');
  return { type: 'literal_error', msg: `Input should be ${list}` };
}

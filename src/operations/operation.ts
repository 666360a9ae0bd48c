import { z } from 'zod';

/** The API's own side-effect tiers, as its operation pages name them. */
export const EFFECTS = [
  'read',
  'compute',
  'external_spend',
  'share_export',
  'destructive',
] as const;

export type Effect = (typeof EFFECTS)[number];

/**
 * What a 2xx answer holds. `image`: the bytes of one, or JSON where the caller asked for that; `redirect`:
 * the address of an image; `file`: a JSON descriptor, a redirect to storage, or the bytes themselves (the
 * documentation and the OpenAPI disagree, so all three are met).
 */
export type ResponseKind = 'json' | 'image' | 'redirect' | 'xml' | 'ndjson' | 'file';

/**
 * How the rest of a list is asked for: `limit` and `offset`, a `page` of a size, or the `next` token of the
 * answer before. By the API's pagination guide.
 */
export type Paging = 'offset' | 'page' | 'token';

/** How what a spend would cost is found out without spending it. */
export interface Estimate {
  /** Id of the operation that answers it. */
  readonly operation: string;
  /** What to ask it, by the input of the spend. */
  body(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

/** One Geopera operation, `POST /v1/op/{id}`: everything the rest of the house knows about it. */
export interface Operation<
  Input extends z.AnyZodObject = z.AnyZodObject,
  Output extends z.ZodTypeAny = z.ZodTypeAny,
> {
  /** Dotted id as the API spells it, e.g. `uploads.initiate`. */
  readonly id: string;
  /** The one scope the API demands, e.g. `uploads:write`. */
  readonly scope: string;
  readonly effect: Effect;
  /** One line for whoever chooses the operation; its first sentence stands alone. */
  readonly summary: string;
  /** Other words by which people ask for it; for the search alone. */
  readonly keywords: string;
  readonly response: ResponseKind;
  /** Undefined where the answer comes whole. */
  readonly paging: Paging | undefined;
  /** True if sending it twice does no more than once, so that a lost answer may be asked for again. */
  readonly repeatable: boolean;
  /**
   * True if its calls carry an `Idempotency-Key`. The API documents the header for spends and durable
   * resources, and promises it for none of the others, so it makes no call repeatable by itself.
   */
  readonly idempotencyKey: boolean;
  /** True if the user is to be asked before it acts. */
  readonly asksFirst: boolean;
  readonly estimate: Estimate | undefined;
  /** Names of members, anywhere in its answer, that open something to whoever knows them. */
  readonly secrets: readonly string[];
  /** How long the API may take to begin its answer. */
  readonly answerSeconds: number;
  readonly input: Input;
  readonly output: Output;
}

type Inferred =
  | 'keywords'
  | 'response'
  | 'repeatable'
  | 'idempotencyKey'
  | 'asksFirst'
  | 'estimate'
  | 'secrets'
  | 'answerSeconds';

/** A record as it is written: what follows from the rest may be left out, and its models are made when asked for. */
type OperationRecord<Input extends z.AnyZodObject, Output extends z.ZodTypeAny> = Omit<
  Operation<Input, Output>,
  Inferred | 'paging' | 'input' | 'output'
> &
  Partial<Pick<Operation, Inferred>> & { input(): Input; output(): Output };

/** Keeps the exact zod types of a record, and fills in what it leaves out. */
export function defineOperation<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
  record: OperationRecord<Input, Output>,
): Operation<Input, Output> {
  const { effect } = record;
  // Two hundred models cost more than all else of a start, and a session uses a handful.
  let input: Input | undefined;
  let output: Output | undefined;
  return {
    keywords: '',
    response: 'json',
    repeatable: effect === 'read',
    idempotencyKey: effect === 'external_spend',
    asksFirst: effect === 'external_spend' || effect === 'destructive',
    estimate: undefined,
    secrets: [],
    answerSeconds: 60,
    ...record,
    get paging() {
      return pagingBy(this.input);
    },
    get input() {
      input ??= record.input();
      return input;
    },
    get output() {
      output ??= record.output();
      return output;
    },
  };
}

function pagingBy({ shape }: z.AnyZodObject): Paging | undefined {
  if ('offset' in shape) return 'offset';
  if ('page' in shape) return 'page';
  return 'next' in shape ? 'token' : undefined;
}

/** The output model of an answer that the published OpenAPI leaves untyped. */
export const untyped = () => z.unknown();

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
 * What a 2xx answer holds: `json`, or `file`: a JSON descriptor, a redirect to storage,
 * or the bytes themselves (the documentation and the OpenAPI disagree, so all three are met).
 */
export type ResponseKind = 'json' | 'file';

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
  readonly response: ResponseKind;
  /** True if sending it twice does no more than once, so that a lost answer may be asked for again. */
  readonly repeatable: boolean;
  /**
   * True if its calls carry an `Idempotency-Key`. The API documents the header for spends and durable
   * resources, and promises it for none of the others, so it makes no call repeatable by itself.
   */
  readonly idempotencyKey: boolean;
  /** How long the API may take to begin its answer. */
  readonly answerSeconds: number;
  readonly input: Input;
  readonly output: Output;
}

type Inferred = 'response' | 'repeatable' | 'idempotencyKey' | 'answerSeconds';

/** A record as it is written: what follows from the rest may be left out. */
type OperationRecord<Input extends z.AnyZodObject, Output extends z.ZodTypeAny> = Omit<
  Operation<Input, Output>,
  Inferred
> &
  Partial<Pick<Operation, Inferred>>;

/** Keeps the exact zod types of a record, and fills in what it leaves out. */
export function defineOperation<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
  record: OperationRecord<Input, Output>,
): Operation<Input, Output> {
  return {
    response: 'json',
    repeatable: record.effect === 'read',
    idempotencyKey: false,
    answerSeconds: 60,
    ...record,
  };
}

/** The output model of an answer that the published OpenAPI leaves untyped. */
export const untyped = () => z.unknown();

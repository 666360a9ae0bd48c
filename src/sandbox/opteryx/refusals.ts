import type { z } from 'zod';

/** One line of FastAPI's list of what is wrong with a request. */
interface FieldProblem {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** The service refuses: its status and body. Thrown anywhere, answered in one place. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`Refused with ${status}.`);
    this.status = status;
    this.body = body;
  }
}

/** The client went away, or a fault made the service hang up: there is nobody to answer. */
export class ConnectionGone extends Error {
  override readonly name = 'ConnectionGone';
}

/** The shape of v1, and of what comes before any generation's own rules. */
export function refusal(status: number, detail: string): Refusal {
  return new Refusal(status, { detail });
}

/** The shape of FastAPI for a request that is not of the declared form. */
export function invalidRequest(problems: readonly FieldProblem[]): Refusal {
  return new Refusal(422, { detail: problems });
}

export function fieldMissing(...loc: string[]): Refusal {
  return invalidRequest([{ loc, msg: 'Field required', type: 'missing' }]);
}

/**
 * Parses a JSON body as FastAPI does.
 *
 * @throws Refusal 422 with a list
 */
export function bodyOf<Schema extends z.ZodTypeAny>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidRequest(
    parsed.error.issues.map(({ path, message, code }) => ({
      loc: ['body', ...path],
      msg: message === 'Required' ? 'Field required' : message,
      type: message === 'Required' ? 'missing' : code,
    })),
  );
}

/** Which status the codes of v2 go with; three are known, the others follow v1's use of statuses. */
const CODE_STATUS = {
  schema_source_required: 400,
  not_authorized: 403,
  contract_not_found: 404,
  value_not_castable: 409,
  column_undeclared: 409,
  column_missing: 409,
  sources_disagree: 409,
  type_unsupported: 409,
  contract_stale: 409,
  contract_not_accepted: 409,
  proposal_changed: 409,
  already_committed: 409,
  dataset_exists: 409,
  contract_expired: 410,
  format_unreadable: 422,
  internal: 500,
} as const;

export type ContractCode = keyof typeof CODE_STATUS;

/** The shape of v2. */
export function contractRefusal(
  code: ContractCode,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): Refusal {
  return new Refusal(CODE_STATUS[code], { error: { code, message, ...fields } });
}

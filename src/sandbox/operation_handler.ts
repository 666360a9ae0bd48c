import type { z } from 'zod';
import type { Operation } from '../operations/operation.ts';
import { parseBody } from './body_validation.ts';
import type { SandboxContext } from './context.ts';
import type { Principal, StoredObject } from './state_model.ts';

/** Who calls, and on which sandbox. */
export interface Call {
  readonly context: SandboxContext;
  readonly principal: Principal;
  /** Set by a fault: a URL that this call hands out has expired already. */
  readonly expiredUrl: boolean;
}

/** What an operation answers: JSON, a redirect, or the bytes of an object. */
export type Outcome =
  | { readonly json: unknown }
  | { readonly redirect: string }
  | { readonly object: StoredObject };

/** Validates a body and does the operation. */
type OperationHandler = (body: unknown, call: Call) => Promise<Outcome>;

export type OperationHandlers = Readonly<Record<string, OperationHandler>>;

/** Ties a handler to a record of the catalogue, whose model validates what it is given. */
export function handle<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
  operation: Operation<Input, Output>,
  run: (input: z.output<Input>, call: Call) => Outcome | Promise<Outcome>,
): OperationHandlers {
  const handler: OperationHandler = async (body, call) =>
    run(parseBody(operation.input, body), call);
  return { [operation.id]: handler };
}

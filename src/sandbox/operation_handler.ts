import type { z } from 'zod';
import type { Operation } from '../operations/operation.ts';
import { type Given, parseBody } from './body_validation.ts';
import type { SandboxContext } from './context.ts';
import type { Principal, StoredObject } from './state_model.ts';

/** Who calls, and on which sandbox. */
export interface Call {
  readonly context: SandboxContext;
  readonly principal: Principal;
  /** Set by a fault: a URL that this call hands out has expired already. */
  readonly expiredUrl: boolean;
}

/** What an operation answers: JSON, a redirect, the bytes of an object, another body, or JSON by lines. */
export type Outcome =
  | { readonly json: unknown }
  | { readonly redirect: string }
  | { readonly object: StoredObject }
  | { readonly mediaType: string; readonly body: string | Uint8Array }
  | { readonly lines: Iterable<unknown> };

/** Validates a body and does the operation. */
type OperationHandler = (body: unknown, call: Call) => Promise<Outcome>;

export type OperationHandlers = Readonly<Record<string, OperationHandler>>;

/** Ties a handler to a record of the catalogue, whose model validates what it is given. */
export function handle<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
  operation: Operation<Input, Output>,
  run: (input: Given<z.output<Input>>, call: Call) => Outcome | Promise<Outcome>,
): OperationHandlers {
  const handler: OperationHandler = async (body, call) =>
    run(parseBody(operation.input, body), call);
  return { [operation.id]: handler };
}

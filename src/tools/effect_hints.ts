import type { Effect } from '../operations/operation.ts';

/** The MCP hints by which a host decides whether to ask the user. */
export interface Hints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/**
 * An effect is the API's own tier. Spending is told as destructive, so that a host that asks only
 * for destructive tools asks before money goes.
 */
export const EFFECT_HINTS: Readonly<Record<Effect, Hints>> = {
  read: hints({ readOnly: true, idempotent: true }),
  compute: hints({}),
  external_spend: hints({ destructive: true }),
  share_export: hints({}),
  destructive: hints({ destructive: true, idempotent: true }),
};

/** Hints of a tool; it reaches the network unless it says otherwise. */
export function hints(is: {
  readOnly?: boolean;
  destructive?: boolean;
  idempotent?: boolean;
  openWorld?: boolean;
}): Hints {
  return {
    readOnlyHint: is.readOnly ?? false,
    destructiveHint: is.destructive ?? false,
    idempotentHint: is.idempotent ?? false,
    openWorldHint: is.openWorld ?? true,
  };
}

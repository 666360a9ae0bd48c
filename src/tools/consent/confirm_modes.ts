/**
 * How an operation that asks first is confirmed. `auto`: by the user through the client, or in two steps
 * where the client cannot ask; `always`: by the user's own answer alone; `never`: it does not ask.
 */
export const CONFIRM_MODES = ['auto', 'always', 'never'] as const;

export type ConfirmMode = (typeof CONFIRM_MODES)[number];

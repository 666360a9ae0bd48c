/** What is answered, by name. */
export type Facts = Readonly<Record<string, unknown>>;

/** The member under which a bare value or a list stands, since structured content must be an object. */
export const RESULTS = 'results';

/** An object as it is; a list or a bare value under `results`. */
export function asFacts(value: unknown): Facts {
  return isObject(value) ? value : { [RESULTS]: value ?? null };
}

export function isObject(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

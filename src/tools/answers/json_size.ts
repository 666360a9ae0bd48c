/** Of the facts of one answer, as compact JSON: 8,000 tokens of four bytes. */
export const MOST_BYTES = 32_000;

/** Bytes of a value as compact JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** Response headers by lower-case name; a header sent several times is an array. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A header's value; several become one list, as RFC 9110 (5.3) allows. */
export function headerText(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
}

/** A header that holds a count of bytes, or undefined if it is missing or holds anything else. */
export function headerBytes(headers: ResponseHeaders, name: string): number | undefined {
  const text = headerText(headers, name)?.trim() ?? '';
  const bytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

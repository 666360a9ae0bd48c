/**
 * Seconds to wait by a `Retry-After` header, given as seconds or as a date (RFC 9110, 10.2.3);
 * `undefined` where it is absent or says neither.
 */
export function retryAfterSeconds(
  header: string | string[] | undefined,
  now: number,
): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

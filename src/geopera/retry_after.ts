/**
 * Seconds to wait by a `Retry-After` header, given as seconds or as a date (RFC 9110, 10.2.3);
 * `undefined` where it is absent or says neither.
 */
export function retryAfterSeconds(
  header: string | readonly string[] | undefined,
  now: number,
): number | undefined {
  const value = (typeof header === 'string' ? header : header?.[0])?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  // A date names its month; without that, Date.parse makes dates of odd numbers.
  const date = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

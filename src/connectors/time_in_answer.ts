/**
 * A time as a service writes it, in epoch milliseconds; undefined for what is none. One without a zone is of
 * UTC, as services that name none mean, wherever this machine stands.
 */
export function timeInAnswer(text: string): number | undefined {
  const hasZone = /(?:z|[+-]\d\d:?\d\d)$/i.test(text);
  const time = Date.parse(hasZone ? text : `${text}Z`);
  return Number.isNaN(time) ? undefined : time;
}

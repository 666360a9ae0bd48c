/** The records that `limit` and `offset` ask for; the API bounds neither. */
export function offsetPage<Entry>(
  entries: readonly Entry[],
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Entry[] {
  const start = Math.max(0, offset);
  return entries.slice(start, start + Math.max(0, limit));
}

/** One page of the provider-style lists. No document shows its members; these are our reading. */
export interface SizedPage<Entry> {
  readonly content: readonly Entry[];
  /** Page, from 0. */
  readonly number: number;
  readonly size: number;
  readonly totalElements: number;
  readonly totalPages: number;
  readonly last: boolean;
}

export function sizedPage<Entry>(
  entries: readonly Entry[],
  { page, size }: { readonly page: number; readonly size: number },
): SizedPage<Entry> {
  const number = Math.max(0, page);
  const each = Math.max(1, size);
  const totalPages = Math.ceil(entries.length / each);
  return {
    content: entries.slice(number * each, (number + 1) * each),
    number,
    size: each,
    totalElements: entries.length,
    totalPages,
    last: number >= totalPages - 1,
  };
}

/** Sorts by `field,asc` or `field,desc`; a field that the entries do not have leaves them as they are. */
export function sorted<Entry extends object>(entries: readonly Entry[], order: string): Entry[] {
  const [field = '', direction = 'asc'] = order.split(',');
  const sign = direction.trim().toLowerCase() === 'desc' ? -1 : 1;
  return [...entries].sort((left, right) => sign * compared(left, right, field.trim()));
}

function compared(left: object, right: object, field: string): number {
  const [one, other]: unknown[] = [Reflect.get(left, field), Reflect.get(right, field)];
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one ?? '').localeCompare(String(other ?? ''));
}

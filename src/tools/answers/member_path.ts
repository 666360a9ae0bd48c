import { plainNames, plainText } from '../../geopera/plain_text.ts';
import { isObject } from './answer_facts.ts';

/** A dotted path that leads to no member of an answer. */
export class NoSuchMember extends Error {
  /** What there is where the path ends, in words. */
  readonly there: string;

  constructor(path: string, there: string) {
    super(`there is no member ${path}`);
    this.name = 'NoSuchMember';
    this.there = there;
  }
}

/**
 * The member at a dotted path; places in lists count from 0. A name with dots in it is found too.
 *
 * @throws NoSuchMember
 */
export function memberAt(value: unknown, path: string): unknown {
  let at = value;
  let segments = path.split('.');
  for (let known = ''; segments.length > 0; ) {
    const found = longestMember(at, segments);
    if (found === undefined) throw new NoSuchMember(path, membersOf(at, known));
    at = found.value;
    known = [...(known === '' ? [] : [known]), ...segments.slice(0, found.taken)].join('.');
    segments = segments.slice(found.taken);
  }
  return at;
}

function longestMember(
  value: unknown,
  segments: readonly string[],
): { readonly value: unknown; readonly taken: number } | undefined {
  if (Array.isArray(value)) {
    const [place = ''] = segments;
    const at = /^\d+$/.test(place) ? Number(place) : -1;
    return at >= 0 && at < value.length ? { value: value[at], taken: 1 } : undefined;
  }
  if (!isObject(value)) return undefined;
  for (let taken = segments.length; taken > 0; taken -= 1) {
    const name = segments.slice(0, taken).join('.');
    if (Object.hasOwn(value, name)) return { value: value[name], taken };
  }
  return undefined;
}

function membersOf(value: unknown, path: string): string {
  const where = path === '' ? 'the answer' : plainText(path, 200);
  if (Array.isArray(value)) return `${where} is a list of ${value.length}`;
  if (!isObject(value)) return `${where} has no members`;
  return `${where} has: ${plainNames(Object.keys(value)) || 'nothing'}`;
}

import { inBytes } from '../byte_words.ts';
import { type Facts, isObject } from './answer_facts.ts';
import { jsonBytes } from './json_size.ts';

/** Something of an answer that is not shown. */
export interface LeftOut {
  /** A member, by its dotted path in the answer of the API; absent where it is several. */
  readonly member?: string;
  readonly says?: string;
  readonly bytes: number;
}

export interface Shrunk<T> {
  readonly value: T;
  readonly leftOut: readonly LeftOut[];
}

type Path = readonly string[];

/** Words in the place of a shorter member would hardly be shorter. */
const LEAST_BYTES = 200;
const WORDS_BYTES = 80;

/** Makes a value fit into so many bytes: its largest lists and texts go, then all else that does not fit. */
export function shrink(value: unknown, room: number, at: Path): Shrunk<unknown> {
  if (isObject(value)) return shrinkMembers(value, room, at);
  const bytes = jsonBytes(value);
  if (bytes <= room) return { value, leftOut: [] };
  return { value: leftOutWords(value, bytes), leftOut: [{ member: at.join('.'), bytes }] };
}

/**
 * The same for an object.
 *
 * @param at where the object stands in the answer
 * @param keep path inside the object of a member that stays, being short
 */
export function shrinkMembers(
  members: Facts,
  room: number,
  at: Path,
  keep: Path = [],
): Shrunk<Facts> {
  let over = jsonBytes(members) - room;
  if (over <= 0) return { value: members, leftOut: [] };
  const large = listsAndTexts(members, at).sort((one, other) => other.bytes - one.bytes);
  const gone = new Map<string, LargeMember>();
  for (const member of large) {
    if (over <= 0) break;
    gone.set(JSON.stringify(member.path), member);
    over -= member.bytes - WORDS_BYTES;
  }
  const value = withWords(members, at, gone);
  const leftOut = [...gone.values()].map(({ path, bytes }) => ({ member: path.join('.'), bytes }));
  if (jsonBytes(value) <= room) return { value, leftOut };
  const fitted = fitMembers(value, room, at, keep);
  return { value: fitted.value, leftOut: [...leftOut, ...fitted.leftOut] };
}

interface LargeMember {
  readonly path: Path;
  readonly bytes: number;
}

function listsAndTexts(members: Facts, at: Path): LargeMember[] {
  return Object.entries(members).flatMap(([name, value]) => {
    const path = [...at, name];
    if (isObject(value)) return listsAndTexts(value, path);
    const bytes = Array.isArray(value) || typeof value === 'string' ? jsonBytes(value) : 0;
    return bytes >= LEAST_BYTES ? [{ path, bytes }] : [];
  });
}

function withWords(members: Facts, at: Path, gone: ReadonlyMap<string, LargeMember>): Facts {
  return mapMembers(members, (value, name) => {
    const path = [...at, name];
    const left = gone.get(JSON.stringify(path));
    if (left !== undefined) return leftOutWords(value, left.bytes);
    return isObject(value) ? withWords(value, path, gone) : value;
  });
}

/** Keeps members in their order while they fit; in the place of others stand words, while these fit. */
function fitMembers(members: Facts, room: number, at: Path, keep: Path): Shrunk<Facts> {
  const [kept, ...below] = keep;
  const stays = kept === undefined ? undefined : members[kept];
  const shrunk = isObject(stays)
    ? shrinkMembers(stays, Math.floor(room / 2), [...at, kept ?? ''], below)
    : { value: stays, leftOut: [] };
  const leftOut: LeftOut[] = [...shrunk.leftOut];
  const fitting: [string, unknown][] = [];
  let left = room - (kept === undefined ? 2 : jsonBytes({ [kept]: shrunk.value }) + 1);
  let dropped = 0;
  for (const [name, value] of Object.entries(members)) {
    const bytes = jsonBytes(value);
    const words = leftOutWords(value, bytes);
    const choice = [value, words].find((it) => jsonBytes({ [name]: it }) - 1 <= left);
    if (name === kept) fitting.push([name, shrunk.value]);
    else if (choice === undefined) dropped += 1;
    else {
      fitting.push([name, choice]);
      left -= jsonBytes({ [name]: choice }) - 1;
      if (choice === words) leftOut.push({ member: [...at, name].join('.'), bytes });
    }
  }
  const value = Object.fromEntries(fitting);
  if (dropped === 0) return { value, leftOut };
  const says = `${dropped} more members of ${at.join('.') || 'the answer'}`;
  return { value, leftOut: [...leftOut, { says, bytes: jsonBytes(members) - jsonBytes(value) }] };
}

function mapMembers(members: Facts, map: (value: unknown, name: string) => unknown): Facts {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, map(value, name)]),
  );
}

/** What stands in the place of a member: how much of what it is. */
function leftOutWords(value: unknown, bytes: number): string {
  return `[left out: ${contentWords(value)}, ${inBytes(bytes)}]`;
}

function contentWords(value: unknown): string {
  if (typeof value === 'string') return counted(value.length, 'character');
  if (isObject(value)) return counted(Object.keys(value).length, 'member');
  if (!Array.isArray(value)) return 'a value';
  return value.every(isObject)
    ? counted(value.length, 'record')
    : counted(value.flat(Number.POSITIVE_INFINITY).length, 'value');
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

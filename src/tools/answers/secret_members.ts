import { type Facts, isObject, RESULTS } from './answer_facts.ts';
import { NOTE } from './answer_note.ts';

const MOST_NAMED = 30;
/** Texts that open something, whatever the member is called. */
const SECRET_TEXTS: readonly RegExp[] = [
  /^https?:\/\/\S+[?&](?:x-goog-signature|x-amz-signature|signature|sig)=[^&\s]/i,
  /^gpra_\w{16}/,
];

interface Member {
  readonly value: unknown;
  /** `*` stands for any place in a list. */
  readonly path: readonly string[];
}

/**
 * Which members of facts open something to whoever knows them: those that the operation's record names,
 * signed URLs, and API keys.
 *
 * @param declared dotted paths in the answer of the API
 * @param part the member of it that the facts are
 */
export function secretMembers(
  facts: Facts,
  declared: readonly string[],
  part?: string | undefined,
): readonly string[] {
  // What is noted beside the answer holds nothing but what the caller has sent.
  const { [NOTE]: _note, ...own } = facts;
  const root: Member = { value: own, path: [] };
  const named = declared
    .flatMap((path) => insidePart(path, part) ?? [])
    .flatMap((names) => membersAt(root, names))
    .filter(({ value }) => value !== null && value !== '')
    .map(({ path }) => path.join('.'));
  const found = secretTexts(root).filter((path) => !named.some((it) => path.startsWith(it)));
  return [...new Set([...named, ...found])].slice(0, MOST_NAMED);
}

/** The names that lead to a declared member from the part of the answer that is shown. */
function insidePart(declared: string, part: string | undefined): [string[]] | undefined {
  const names = declared.split('.');
  const before = (part ?? '').split('.').filter((it) => it !== '' && !/^\d+$/.test(it));
  const first = before[0] === RESULTS && names[0] !== RESULTS ? before.slice(1) : before;
  const isOnTheWay = first.every((name, at) => names[at] === undefined || names[at] === name);
  return isOnTheWay ? [names.slice(first.length)] : undefined;
}

/** The members that names lead to, through lists and through the name that a bare value is given. */
function membersAt({ value, path }: Member, names: readonly string[]): Member[] {
  const [name, ...below] = names;
  if (name === undefined) return path.length > 0 ? [{ value, path }] : all({ value, path });
  if (Array.isArray(value)) {
    return value.flatMap((it) => membersAt({ value: it, path: [...path, '*'] }, names));
  }
  if (!isObject(value)) return [];
  if (Object.hasOwn(value, name)) {
    return membersAt({ value: value[name], path: [...path, name] }, below);
  }
  const isBare = path.length === 0 && Object.hasOwn(value, RESULTS);
  return isBare ? membersAt({ value: value[RESULTS], path: [RESULTS] }, names) : [];
}

function all({ value, path }: Member): Member[] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, it]) => ({ value: it, path: [...path, name] }));
}

function secretTexts(root: Member): string[] {
  const found = new Set<string>();
  const left = [root];
  for (let it = left.pop(); it !== undefined; it = left.pop()) {
    const { value, path } = it;
    if (typeof value === 'string' && SECRET_TEXTS.some((form) => form.test(value))) {
      found.add(path.join('.'));
    }
    if (Array.isArray(value)) {
      for (const element of value) left.push({ value: element, path: [...path, '*'] });
    } else {
      left.push(...all(it));
    }
  }
  return [...found].sort();
}

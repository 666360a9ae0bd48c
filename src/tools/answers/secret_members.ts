import { type Facts, isObject } from './answer_facts.ts';
import { NOTE } from './answer_note.ts';

const MOST_NAMED = 30;
/** Texts that open something, or have within them what does, whatever the member is called. */
const SECRET_TEXTS: readonly RegExp[] = [
  // The query of an address that is signed, or has a key in it; in XML its & is written &amp;.
  /[?&;](?:x-goog-signature|x-amz-signature|signature|sig|(?:access_)?token|(?:api_?)?key)=[^&\s"'<>]/i,
  /\bgpra_[\w-]{16}/,
  // How webhooks are signed, and how a card holder's browser confirms a payment.
  /\bwhsec_\w{8}|_secret_\w{8}/,
  // A sign-in token.
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/,
];

interface Member {
  readonly value: unknown;
  /** `*` stands for any place in a list. */
  readonly path: readonly string[];
}

/**
 * Which members of facts open something to whoever knows them: those of the names that the operation's
 * record says, wherever they are, and texts that show it by their form.
 *
 * @param names of members in the answer of the API
 * @param part the member of it that the facts are
 */
export function secretMembers(
  facts: Facts,
  names: readonly string[],
  part?: string | undefined,
): readonly string[] {
  // What is noted beside the answer holds nothing but what the caller has sent.
  const { [NOTE]: _note, ...own } = facts;
  const isSecretPart = part?.split('.').some((name) => names.includes(name)) ?? false;
  const found = new Set<string>();
  const left: Member[] = [{ value: own, path: [] }];
  for (let it = left.pop(); it !== undefined; it = left.pop()) {
    const { value, path } = it;
    const isNamed = isSecretPart ? path.length === 1 : names.includes(nameOf(path));
    if ((isNamed && !isEmpty(value)) || isSecretText(value)) found.add(path.join('.'));
    // One by one: a list may be longer than a call takes arguments.
    else for (const member of membersOf(it)) left.push(member);
  }
  return [...found].sort().slice(0, MOST_NAMED);
}

/** Whether a text opens something, by its form alone. */
export function isSecretText(value: unknown): boolean {
  return typeof value === 'string' && SECRET_TEXTS.some((form) => form.test(value));
}

/** A list has the name of the member that it is. */
function nameOf(path: readonly string[]): string {
  return path.findLast((name) => name !== '*') ?? '';
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true;
  return (Array.isArray(value) || isObject(value)) && Object.keys(value).length === 0;
}

function membersOf({ value, path }: Member): Member[] {
  if (Array.isArray(value)) return value.map((it) => ({ value: it, path: [...path, '*'] }));
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, it]) => ({ value: it, path: [...path, name] }));
}

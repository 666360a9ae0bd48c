import { plainText } from '../../geopera/plain_text.ts';

const MOST_MEMBERS = 40;
/** What comes first leaves the others this part of the room. */
const FOR_OTHERS = 0.25;

type Member = readonly [name: string, value: unknown];

/**
 * JSON in one line of about so many characters. Of an object each member has its share, the short ones
 * first, so that a long one hides no other.
 *
 * @param isFirst which members stand before the others, so that these hide none of them, however many
 */
export function membersInWords(
  value: unknown,
  maxChars: number,
  isFirst: (name: string) => boolean = () => true,
): string {
  const json = JSON.stringify(value) ?? 'nothing';
  if (!json.startsWith('{')) return plainText(json, maxChars);
  const members: readonly Member[] = Object.entries(JSON.parse(json));
  const first = members.filter(([name]) => isFirst(name));
  const others = members.filter(([name]) => !isFirst(name));
  const spare = others.length === 0 ? 0 : maxChars * FOR_OTHERS;
  const begin = shared(first, maxChars - spare, MOST_MEMBERS);
  const room = maxChars - begin.join('').length;
  const shown = [...begin, ...shared(others, room, MOST_MEMBERS - begin.length)];
  const more = members.length - shown.length;
  return `{${shown.join(',')}}${more > 0 ? ` and ${more} more` : ''}`;
}

/** At most so many members, each with its share of the room. */
function shared(members: readonly Member[], room: number, most: number): readonly string[] {
  const words = members
    .map(([name, member]) => `${JSON.stringify(name)}:${JSON.stringify(member)}`)
    .sort((a, b) => a.length - b.length)
    .slice(0, most);
  const shown: string[] = [];
  let left = room;
  for (const member of words) {
    const word = plainText(member, Math.floor(left / (words.length - shown.length)));
    shown.push(word);
    left -= word.length;
  }
  return shown;
}

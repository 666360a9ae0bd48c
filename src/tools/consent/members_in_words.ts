import { plainText } from '../../geopera/plain_text.ts';

const MOST_MEMBERS = 40;

/**
 * JSON in one line of about so many characters. Of an object each member has its share, the short ones
 * first, so that a long one hides no other.
 */
export function membersInWords(value: unknown, maxChars: number): string {
  const json = JSON.stringify(value) ?? 'nothing';
  if (!json.startsWith('{')) return plainText(json, maxChars);
  const members = Object.entries(JSON.parse(json))
    .map(([name, member]) => `${JSON.stringify(name)}:${JSON.stringify(member)}`)
    .sort((a, b) => a.length - b.length);
  const shown: string[] = [];
  let left = maxChars;
  for (const member of members.slice(0, MOST_MEMBERS)) {
    const share = Math.floor(left / (Math.min(members.length, MOST_MEMBERS) - shown.length));
    const words = plainText(member, share);
    shown.push(words);
    left -= words.length;
  }
  const more = members.length - shown.length;
  return `{${shown.join(',')}}${more > 0 ? ` and ${more} more` : ''}`;
}

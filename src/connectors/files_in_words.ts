import { plainText } from '../geopera/plain_text.ts';

/** What is sent, in words that may be shown: the name of the one file, or how many there are. */
export function filesInWords(names: readonly string[]): string {
  const [only, ...more] = names;
  if (only === undefined || more.length > 0) return `${names.length} files`;
  return plainText(only, 80);
}

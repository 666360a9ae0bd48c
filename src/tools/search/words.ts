/** What people put into a wish that is no word, and the word for it. */
const SPELT_OUT: readonly (readonly [RegExp, string])[] = [
  [/\bhttps?:\/\/\S+/gu, ' url '],
  [/\(\w+[-+*/]\w+\)/gu, ' formula '],
  [/\bS2[ABC]_\w+/gu, ' sentinel '],
  [/\bL[CETO]0[4-9]_\w+/gu, ' landsat '],
];
const ACCENT = /\p{M}/gu;
const NOT_LETTERS = /\P{L}+/u;
const CAMEL_CASE = /(?<=\p{Ll})(?=\p{Lu})/u;

/** The words of a text in lower case and in order. GeoTiff counts as itself and as its two parts. */
export function wordsOf(text: string): string[] {
  const plain = SPELT_OUT.reduce(
    (all, [pattern, word]) => all.replace(pattern, word),
    text.normalize('NFKD').replace(ACCENT, ''),
  );
  return plain
    .split(NOT_LETTERS)
    .flatMap(withParts)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== '');
}

function withParts(word: string): readonly string[] {
  const parts = word.split(CAMEL_CASE);
  return parts.length > 1 ? [...parts, word] : parts;
}

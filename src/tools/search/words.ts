const ADDRESS = /\bhttps?:\/\/\S+/gu;
const ACCENT = /\p{M}/gu;
const NOT_LETTERS = /\P{L}+/u;
const CAMEL_CASE = /(?<=\p{Ll})(?=\p{Lu})/u;

/** The words of a text in lower case and in order. GeoTiff counts as itself and as its two parts. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(ACCENT, '').replace(ADDRESS, ' url ');
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

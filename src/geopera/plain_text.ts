const MAX_CHARS = 600;
const MAX_ID_CHARS = 200;

/** What may not be shown, and what stands in its place. Applied in this order. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // Credentials in an address: https://user:secret@host
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@"'<>]*@/gi, '$1'],
  // The query of an address is what signs it,
  [/\b([a-z][a-z\d+.-]*:\/\/[^\s?"'<>]*)\?[^\s"'<>]*/gi, '$1'],
  // also where the address is relative.
  [/\?[^\s"'<>]*=[^\s"'<>]*/g, ''],
  // What is left of a query that was broken over lines.
  [/\b(x-(?:goog|amz)-[\w-]+|signature|sig)=[^\s&"'<>]+/gi, '$1=…'],
  [/\bgpra_[\w-]+/g, 'gpra_…'],
  // An access token of Opteryx, and what it is exchanged for.
  [/\bopt_[\w-]{8,}/g, 'opt_…'],
  [/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g, 'eyJ…'],
  [/\b(bearer)\s+\S+/gi, '$1 …'],
];

/**
 * Words of the API as they may be shown: one line, bounded, nothing invisible, no secret. They are
 * data from elsewhere, and a detail may well quote the URL or the token it is about.
 */
export function plainText(text: string, maxChars = MAX_CHARS): string {
  const line = text
    .slice(0, maxChars * 8)
    .replace(/\p{Cf}+/gu, '')
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  const clean = SECRETS.reduce((it, [secret, instead]) => it.replace(secret, instead), line).trim();
  return clean.length > maxChars ? `${clean.slice(0, maxChars)}…` : clean;
}

/** An id in words: a caller may have made it up. */
export function plainId(id: string): string {
  return plainText(id, MAX_ID_CHARS);
}

/** Names from the API in one line: at most so many of them, each short. */
export function plainNames(names: readonly string[], most = 30): string {
  const shown = names.slice(0, most).map((name) => plainText(name, 80));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

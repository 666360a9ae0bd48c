const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Brackets and braces differ in this bit alone: `[` from `{`, and `]` from `}`. */
const BRACE_BIT = 0x20;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * Whether JSON has more arrays and objects inside each other than that, by one look at its bytes: a
 * parser that recurses, or whatever walks its result, may run out of stack. Of text that is no JSON it
 * tells nothing.
 *
 * @param json in UTF-8, in which no byte of a longer character looks like one of JSON's own
 */
export function isNestedDeeper(json: Uint8Array, most: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) {
      inText = true;
    } else if ((byte | BRACE_BIT) === OPENING_BRACE) {
      depth += 1;
      if (depth > most) return true;
    } else if ((byte | BRACE_BIT) === CLOSING_BRACE) {
      depth -= 1;
    }
  }
  return false;
}

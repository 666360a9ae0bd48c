const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** Brackets and braces differ in this bit alone: `[` from `{`, and `]` from `}`. */
const BRACE_BIT = 0x20;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** What JSON from elsewhere may be, before anything is made of it. */
export interface JsonBounds {
  /** Arrays and objects inside each other. */
  readonly depth: number;
  /** Members and elements in all; a schema judges each, and makes words of each that does not fit. */
  readonly values: number;
}

/** Room for an outline of some ten thousand points. */
const JSON_BOUNDS: JsonBounds = { depth: 64, values: 30_000 };

/**
 * Which bound JSON is beyond, by one look at its bytes: a parser that recurses may run out of stack, and
 * whatever walks a long result keeps all others waiting. Of text that is no JSON it tells nothing.
 *
 * @param json in UTF-8, in which no byte of a longer character looks like one of JSON's own
 */
export function beyondBounds(
  json: Uint8Array,
  bounds: JsonBounds = JSON_BOUNDS,
): keyof JsonBounds | undefined {
  let depth = 0;
  // One more than there are commas, in each array and object that is not empty.
  let values = 1;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) {
      inText = true;
    } else if (byte === COMMA) {
      values += 1;
    } else if ((byte | BRACE_BIT) === OPENING_BRACE) {
      depth += 1;
      values += 1;
      if (depth > bounds.depth) return 'depth';
    } else if ((byte | BRACE_BIT) === CLOSING_BRACE) {
      depth -= 1;
    }
    if (values > bounds.values) return 'values';
  }
  return undefined;
}

/** Characters that change how others look or where a line ends, beside those that JSON escapes. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * What others wrote, as one line of JSON in plain sight: it cannot end its quotes, begin a line, or hide
 * anything.
 */
export function quotedData(data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(data).replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

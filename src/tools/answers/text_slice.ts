import { jsonBytes } from './json_size.ts';

/** A run of a text's characters (UTF-16 units, none of a pair left alone). */
export interface TextSlice {
  readonly text: string;
  readonly from: number;
  readonly count: number;
}

/** As much of a text, after so many characters of it, as fits into so many bytes of JSON. */
export function sliceText(text: string, skip: number, room: number): TextSlice {
  const from = boundary(text, Math.min(skip, text.length));
  let fits = from;
  let tooMuch = Math.min(text.length, from + room) + 1;
  while (tooMuch - fits > 1) {
    const middle = Math.floor((fits + tooMuch) / 2);
    if (jsonBytes(text.slice(from, middle)) <= room) fits = middle;
    else tooMuch = middle;
  }
  const end = boundary(text, fits);
  return { text: text.slice(from, end), from, count: end - from };
}

/** The place itself, or the one before where a pair would be cut in two. */
function boundary(text: string, at: number): number {
  const isInside =
    /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? '');
  return isInside ? at - 1 : at;
}

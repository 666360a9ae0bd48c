import { basename } from 'node:path';

/** Anything but visible ASCII; the percent sign itself, so that it can be read back. */
const NOT_PLAIN = /[^\x21-\x24\x26-\x7e]+/gu;
/** Halves of characters, which nothing encodes. */
const BROKEN = /\p{Cs}/gu;

/**
 * The name of a file as the value of `x-file-name`: its last part alone, since a path is nobody's
 * business, and percent-encoded where a header takes no other characters. The service reads the kind of
 * the table off its ending, which stays as it is.
 */
export function fileNameHeader(name: string): string {
  return basename(name).replace(BROKEN, '_').replace(NOT_PLAIN, encodeURIComponent);
}

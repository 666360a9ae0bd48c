import type { SignedFile } from '../workflows/upload_link.ts';

/**
 * The command that sends a file to its URL, for any POSIX shell, in the folder of the file. It needs
 * curl 7.76, of 2021.
 */
export function curlCommand({ fileName, contentType, url }: SignedFile): string {
  return [
    'curl',
    '--fail-with-body',
    // Whatever the user's own .curlrc says.
    '--no-location',
    // Brackets and braces in names mean themselves.
    '--globoff',
    '--header',
    shellWord(`Content-Type: ${contentType}`),
    '--upload-file',
    // A bare `-` would be the standard input.
    shellWord(`./${fileName}`),
    '--url',
    shellWord(url.href),
  ].join(' ');
}

/** A text as one word of a POSIX shell, in which nothing means anything else. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

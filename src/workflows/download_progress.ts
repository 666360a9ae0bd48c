import { basename } from 'node:path';
import { plainText } from '../geopera/plain_text.ts';
import type { Act } from '../transfer/act.ts';

/** Passes on how far a download is; once all is there, the file is still read again to check it. */
export function downloadProgress(
  path: string,
  act: Act,
): (done: number, total: number | undefined) => void {
  const name = plainText(basename(path), 80);
  return (done, total) => {
    const message = `${done > 0 && done === total ? 'Checking' : 'Downloading'} ${name}`;
    act.onProgress({ done, total, message });
  };
}

import { openSourceFile } from '../transfer/files/source_file.ts';
import type { NamedFile } from '../workflows/upload_request.ts';
import { sourceState } from './source_state.ts';
import type { FilesToSend } from './upload_answer.ts';

export interface LocalFile extends NamedFile {
  /** Real path on this machine. */
  readonly path: string;
}

/** Files of this machine, to be sent as they are now. */
export async function localFiles(files: readonly LocalFile[]): Promise<FilesToSend> {
  const states = await Promise.all(files.map(({ path }) => sourceState(path)));
  return {
    files: files.map(({ path, ...named }) => ({ ...named, open: () => openSourceFile(path) })),
    // A file that was changed since is another one to send.
    state: [files.map(({ path }) => path), states],
    bytesTotal: states.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

import { stat } from 'node:fs/promises';

/** A file to send, as far as it tells whether a second call is about the same bytes. */
export interface SourceState {
  readonly bytes: number;
  /** Another one after every change. */
  readonly version: string;
}

/** Looks at a file by its real path. One that is gone by now is for the upload itself to refuse. */
export async function sourceState(path: string): Promise<SourceState> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return { bytes: 0, version: 'gone' };
  const { dev, ino, size, mtimeNs } = found;
  return { bytes: Number(size), version: [dev, ino, size, mtimeNs].join(':') };
}

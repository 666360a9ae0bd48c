import { extname } from 'node:path';
import type { UploadConfig } from './geolens_answers.ts';
import { type FileBounds, FileNotTaken, type FileRefusal } from './geolens_errors.ts';

/** The file as the service will know it. */
export interface NamedBytes {
  /** A base name. */
  readonly fileName: string;
  readonly bytes: number;
}

interface Judged extends NamedBytes {
  readonly extension: string;
  readonly takes: FileBounds;
  readonly datasetsLeft: number | undefined;
}

/** The name stands in the key of an object and in a header: no path, nothing invisible. */
const FILE_NAME = /^(?!\.{1,2}$)[^/\\\p{C}]{1,255}$/u;

/** In the order in which they are told. */
const REFUSALS: readonly (readonly [FileRefusal, (file: Judged) => boolean])[] = [
  ['name', ({ fileName }) => !FILE_NAME.test(fileName)],
  // Whatever the list of the instance says.
  ['vrt', ({ extension }) => extension === '.vrt'],
  [
    'extension',
    ({ extension, takes: { extensions } }) =>
      extensions.length > 0 && !extensions.includes(extension),
  ],
  ['empty', ({ bytes }) => bytes === 0],
  ['too_large', ({ bytes, takes: { mostBytes } }) => mostBytes !== undefined && bytes > mostBytes],
  ['no_dataset_left', ({ datasetsLeft }) => datasetsLeft !== undefined && datasetsLeft <= 0],
];

/** Refuses what the instance would refuse, before anything is opened there. Throws `FileNotTaken`. */
export function judgeFile(file: NamedBytes, config: UploadConfig): void {
  const takes = {
    mostBytes: config.max_file_size_bytes ?? undefined,
    extensions: extensionsOf(config.allowed_extensions ?? ''),
  };
  const judged = {
    ...file,
    takes,
    extension: extname(file.fileName).toLowerCase(),
    datasetsLeft: config.remaining_dataset_quota ?? undefined,
  };
  const refusal = REFUSALS.find(([, applies]) => applies(judged));
  if (refusal !== undefined) throw new FileNotTaken(refusal[0], file, takes);
}

function extensionsOf(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
    .map((name) => (name.startsWith('.') ? name : `.${name}`));
}

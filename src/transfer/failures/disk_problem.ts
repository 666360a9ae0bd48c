import { TransferError, type TransferErrorCode } from './transfer_error.ts';

/** The errno name of a failed system call, such as `ENOSPC`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

interface DiskWords {
  readonly code: TransferErrorCode;
  readonly message: string;
}

const NO_SPACE: DiskWords = { code: 'no_space', message: 'the disk of the target folder is full' };

const TARGET_PROBLEMS: ReadonlyMap<string, DiskWords> = new Map<string, DiskWords>([
  ['ENOSPC', NO_SPACE],
  ['EDQUOT', { code: 'no_space', message: 'the disk quota of the target folder is used up' }],
  ['EFBIG', { code: 'no_space', message: 'the file system takes no file of this size' }],
  ['EEXIST', { code: 'target_exists', message: 'the target file exists' }],
  ['EACCES', { code: 'target_unwritable', message: 'no permission to write to the target folder' }],
  ['EPERM', { code: 'target_unwritable', message: 'no permission to write to the target folder' }],
  ['EROFS', { code: 'target_unwritable', message: 'the target folder is read-only' }],
  ['ENOENT', { code: 'target_unwritable', message: 'the target folder does not exist' }],
  ['ENOTDIR', { code: 'target_unwritable', message: "the target's parent is not a folder" }],
  ['EISDIR', { code: 'target_unwritable', message: 'the target is a folder' }],
  ['ENAMETOOLONG', { code: 'target_unwritable', message: "the target's name is too long" }],
]);

const SOURCE_PROBLEMS: ReadonlyMap<string, DiskWords> = new Map<string, DiskWords>([
  ['ENOENT', { code: 'source_missing', message: 'the file does not exist' }],
  ['ENOTDIR', { code: 'source_missing', message: 'the file does not exist' }],
  ['ELOOP', { code: 'source_not_a_file', message: 'the path is a symbolic link' }],
  ['EACCES', { code: 'source_unreadable', message: 'no permission to read the file' }],
  ['EPERM', { code: 'source_unreadable', message: 'no permission to read the file' }],
]);

function diskProblem(
  error: unknown,
  table: ReadonlyMap<string, DiskWords>,
  otherwise: DiskWords,
  bytesTransferred: number,
): TransferError {
  if (error instanceof TransferError) {
    return error;
  }
  const errno = errnoOf(error);
  const words = table.get(errno ?? '') ?? otherwise;
  return new TransferError({
    code: words.code,
    message: `${words.message}${errno === undefined ? '' : ` (${errno})`}.`,
    bytesTransferred,
    cause: error,
  });
}

/** What a failed system call on the target or its folder means. */
export function targetProblem(error: unknown, bytesTransferred = 0): TransferError {
  const otherwise: DiskWords = {
    code: 'target_unwritable',
    message: 'the target could not be written',
  };
  return diskProblem(error, TARGET_PROBLEMS, otherwise, bytesTransferred);
}

/** What a failed system call on the source means. */
export function sourceProblem(error: unknown, bytesTransferred = 0): TransferError {
  const otherwise: DiskWords = { code: 'source_unreadable', message: 'the file could not be read' };
  return diskProblem(error, SOURCE_PROBLEMS, otherwise, bytesTransferred);
}

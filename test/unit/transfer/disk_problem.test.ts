import { expect, it } from 'vitest';
import { sourceProblem, targetProblem } from '../../../src/transfer/failures/disk_problem.ts';
import { TransferError } from '../../../src/transfer/failures/transfer_error.ts';

const failing = (code: string) => Object.assign(new Error(code), { code });

it.each([
  ['ENOSPC', 'no_space'],
  ['EDQUOT', 'no_space'],
  ['EFBIG', 'no_space'],
  ['EEXIST', 'target_exists'],
  ['EACCES', 'target_unwritable'],
  ['EROFS', 'target_unwritable'],
  ['ENOENT', 'target_unwritable'],
  ['ENOTDIR', 'target_unwritable'],
  ['EIO', 'target_unwritable'],
])('%s on the target: %s', (errno, code) => {
  const problem = targetProblem(failing(errno), 7);
  expect(problem).toMatchObject({ code, retryable: false, bytesTransferred: 7 });
  expect(problem.message).toContain(errno);
});

it.each([
  ['ENOENT', 'source_missing'],
  ['ELOOP', 'source_not_a_file'],
  ['EACCES', 'source_unreadable'],
  ['EIO', 'source_unreadable'],
])('%s on the source: %s', (errno, code) => {
  expect(sourceProblem(failing(errno))).toMatchObject({ code, retryable: false });
});

it('an error that has its name keeps it', () => {
  const named = new TransferError({ code: 'source_changed', message: 'm' });
  expect(sourceProblem(named)).toBe(named);
});

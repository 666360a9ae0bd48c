import { expect, it } from 'vitest';
import { downloadProgress } from '../../../src/workflows/download_progress.ts';
import { workflowWorld } from './workflow_world.ts';

it('a download says what it does with which file', () => {
  const { act, progress } = workflowWorld({});
  const tell = downloadProgress('/data/back\u202e.tif', act);
  tell(0, undefined);
  tell(5, 9);
  tell(9, 9);
  tell(9, undefined);
  expect(progress).toEqual([
    { done: 0, total: undefined, message: 'Downloading back.tif' },
    { done: 5, total: 9, message: 'Downloading back.tif' },
    { done: 9, total: 9, message: 'Checking back.tif' },
    { done: 9, total: undefined, message: 'Downloading back.tif' },
  ]);
});

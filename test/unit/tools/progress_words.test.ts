import { describe, expect, it } from 'vitest';
import type { JobReport } from '../../../src/jobs/transfer_job.ts';
import { inTime } from '../../../src/tools/duration_words.ts';
import { progressWords } from '../../../src/tools/progress_words.ts';

const GB = 1e9;

const moving: JobReport = {
  id: 't',
  kind: 'upload',
  what: 'harbour.tif',
  state: 'running',
  message: 'Uploading harbour.tif',
  bytesDone: 1.2 * GB,
  bytesTotal: 40 * GB,
  bytesPerSecond: 85.34e6,
  etaSeconds: 455,
  startedAt: 0,
  endedAt: undefined,
};

describe('how far a transfer is, in words', () => {
  it.each<readonly [string, Partial<JobReport>]>([
    ['Uploading harbour.tif: 1.2 GB of 40.0 GB, 85.3 MB/s, about 8 min left', {}],
    ['Uploading harbour.tif: 1.2 GB, 85.3 MB/s', { bytesTotal: undefined, etaSeconds: undefined }],
    [
      'Uploading harbour.tif: 1.2 GB of 40.0 GB',
      { bytesPerSecond: undefined, etaSeconds: undefined },
    ],
    [
      'Uploading harbour.tif: 0 B of 40.0 GB',
      { bytesDone: 0, bytesPerSecond: undefined, etaSeconds: undefined },
    ],
    [
      'Completing the upload: 40.0 GB of 40.0 GB',
      { message: 'Completing the upload', bytesDone: 40 * GB },
    ],
    [
      'Clip job is running',
      {
        message: 'Clip job is running',
        bytesDone: 0,
        bytesTotal: undefined,
        bytesPerSecond: undefined,
        etaSeconds: undefined,
      },
    ],
  ])('%s', (words, report) => {
    expect(progressWords({ ...moving, ...report })).toBe(words);
  });
});

describe('a time in words', () => {
  it.each([
    [0, '1 s'],
    [0.4, '1 s'],
    [40, '40 s'],
    [89, '89 s'],
    [90, '2 min'],
    [420, '7 min'],
    [3_569, '59 min'],
    [3_570, '1 h'],
    [7_800, '2 h 10 min'],
    [172_800, '2 d'],
    [187_200, '2 d 4 h'],
  ])('%d seconds: %s', (seconds, words) => {
    expect(inTime(seconds)).toBe(words);
  });
});

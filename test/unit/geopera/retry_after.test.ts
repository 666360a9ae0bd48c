import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from '../../../src/geopera/retry_after.ts';

const NOW = Date.parse('2025-06-01T12:00:00.500Z');

describe('retryAfterSeconds', () => {
  it.each<[string, string | string[] | undefined, number | undefined]>([
    ['absent', undefined, undefined],
    ['empty', '', undefined],
    ['blank', '  ', undefined],
    ['zero', '0', 0],
    ['seconds', '120', 120],
    ['seconds with space around them', ' 5 ', 5],
    ['the first of several', ['3', '9'], 3],
    ['no header of several', [], undefined],
    ['a date ahead, rounded up', 'Sun, 01 Jun 2025 12:00:10 GMT', 10],
    ['a date that has passed', 'Sun, 01 Jun 2025 11:59:00 GMT', 0],
    ['a word', 'later', undefined],
  ])('%s', (_, header, seconds) => {
    expect(retryAfterSeconds(header, NOW)).toBe(seconds);
  });
});

import { expect, it } from 'vitest';
import { inBytes } from '../../../src/tools/byte_words.ts';

it.each([
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1234, '1.2 kB'],
  [12_345_678, '12.3 MB'],
  [5e9, '5.0 GB'],
  [2.5e12, '2.5 TB'],
  [4e15, '4000.0 TB'],
])('%i bytes are %s', (bytes, words) => {
  expect(inBytes(bytes)).toBe(words);
});

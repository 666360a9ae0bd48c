import { describe, expect, it } from 'vitest';
import {
  isPinned,
  isSameVersion,
  versionOf,
} from '../../../src/transfer/downloads/object_version.ts';
import {
  type AskedRange,
  canBePieced,
  ObjectReplaced,
  rangeHeader,
  readRangeAnswer,
} from '../../../src/transfer/downloads/range_answer.ts';
import { TransferError } from '../../../src/transfer/failures/transfer_error.ts';

const ETAG = '"abc"';
const VERSION = { total: 100, etag: ETAG };

function outcomeOf(status: number, headers: Record<string, string>, asked: AskedRange): unknown {
  try {
    const answer = readRangeAnswer(status, headers, asked);
    return answer === undefined ? 'refusal' : answer.kind;
  } catch (error) {
    if (error instanceof ObjectReplaced) return 'replaced';
    if (error instanceof TransferError) return error.code;
    throw error;
  }
}

describe('an answer to a range', () => {
  const first: AskedRange = { start: 0 };
  const later: AskedRange = { start: 20, end: 60, version: VERSION };
  const range = (text: string, more: Record<string, string> = {}) => ({
    etag: ETAG,
    'content-range': text,
    ...more,
  });

  it.each<[string, AskedRange, number, Record<string, string>, unknown]>([
    ['all of it', first, 206, range('bytes 0-99/100'), 'part'],
    ['less than asked', first, 206, range('bytes 0-9/100'), 'part'],
    ['the stretch asked for', later, 206, range('bytes 20-59/100'), 'part'],
    ['its beginning', later, 206, range('bytes 20-29/100'), 'part'],
    ['ranges ignored', first, 200, {}, 'whole'],
    ['non-authoritative', first, 203, {}, 'whole'],
    ['an empty object', first, 416, { 'content-range': 'bytes */0' }, 'whole'],
    ['a refusal', first, 403, {}, 'refusal'],
    ['a refusal', later, 503, {}, 'refusal'],
    ['another version', later, 412, {}, 'replaced'],
    [
      'another version without a word',
      later,
      206,
      range('bytes 20-59/100', { etag: '"x"' }),
      'replaced',
    ],
    ['no version any more', later, 206, { 'content-range': 'bytes 20-59/100' }, 'replaced'],
    ['a weak version', later, 206, range('bytes 20-59/100', { etag: 'W/"abc"' }), 'replaced'],
    ['another size', later, 206, range('bytes 20-59/101'), 'replaced'],
    ['another start', later, 206, range('bytes 21-59/100'), 'replaced'],
    ['another start', first, 206, range('bytes 1-99/100'), 'replaced'],
    ['more than asked', later, 206, range('bytes 20-60/100'), 'replaced'],
    ['an end before its start', later, 206, range('bytes 20-19/100'), 'replaced'],
    ['an end beyond the object', first, 206, range('bytes 0-100/100'), 'replaced'],
    ['ranges ignored after they were honoured', later, 200, {}, 'replaced'],
    ['shorter now', later, 416, { 'content-range': 'bytes */10' }, 'replaced'],
    [
      'not satisfiable though it has bytes',
      first,
      416,
      { 'content-range': 'bytes */9' },
      'storage_refused',
    ],
    ['no statement of which bytes', first, 206, {}, 'storage_refused'],
    ['an unknown size', first, 206, range('bytes 0-99/*'), 'storage_refused'],
    ['several ranges', first, 206, { 'content-type': 'multipart/byteranges' }, 'storage_refused'],
    [
      'a contradiction',
      later,
      206,
      range('bytes 20-59/100', { 'content-length': '41' }),
      'storage_refused',
    ],
    ['no content', first, 204, {}, 'storage_refused'],
    ['packed bytes', first, 200, { 'content-encoding': 'gzip' }, 'unexpected_encoding'],
  ])('%s', (_what, asked, status, headers, expected) => {
    expect(outcomeOf(status, headers, asked)).toBe(expected);
  });

  it.each<[string, number, Record<string, string>, boolean]>([
    ['a strong ETag', 206, range('bytes 0-99/100'), true],
    ['a generation', 206, range('bytes 0-99/100', { etag: '', 'x-goog-generation': '17' }), true],
    ['a weak ETag', 206, range('bytes 0-99/100', { etag: 'W/"a"' }), false],
    ['no validator', 206, { 'content-range': 'bytes 0-99/100' }, false],
    ['no ranges', 200, { etag: ETAG }, false],
    [
      'bytes unpacked on the way',
      206,
      range('bytes 0-99/100', { 'x-goog-stored-content-encoding': 'gzip' }),
      false,
    ],
  ])('can be fetched in pieces with %s: %s %o %s', (_with, status, headers, expected) => {
    const answer = readRangeAnswer(status, headers, first);
    expect(answer !== undefined && canBePieced(answer)).toBe(expected);
  });
});

it.each([
  ['bytes 0-99/100', true],
  ['bytes 0-59/100', false],
])('Content-MD5 beside %s is taken for that of the object: %s', (stated, taken) => {
  const md5 = 'CY9rzUYh03PK3k6DJie09g==';
  const headers = { etag: ETAG, 'content-range': stated, 'content-md5': md5 };
  expect(readRangeAnswer(206, headers, { start: 0 })?.stated).toEqual(taken ? { md5 } : {});
});

describe('a version', () => {
  it.each([
    [{ total: 1, etag: '"a"' }, { total: 1, etag: '"a"' }, true],
    [{ total: 1, etag: '"a"' }, { total: 2, etag: '"a"' }, false],
    [{ total: 1, etag: '"a"', generation: '1' }, { total: 1, etag: '"a"', generation: '2' }, false],
    [{ total: 1, etag: '"a"', generation: '1' }, { total: 1, generation: '1' }, true],
    [{ total: 1, etag: '"a"' }, { total: 1, generation: '1' }, false],
    [{ total: 1 }, { total: 1 }, false],
  ])('%o is %o: %s', (one, other, expected) => {
    expect(isSameVersion(one, other)).toBe(expected);
    expect(isSameVersion(other, one)).toBe(expected);
  });

  it.each([
    [{ etag: '"a b"' }, false],
    [{ etag: '"ab"' }, true],
    [{ etag: '""' }, true],
    [{ etag: '"a', 'x-goog-generation': 'x' }, false],
    [{ etag: '"a"\r\nx: y' }, false],
  ])('is read from %o only if it can be sent back: %s', (headers, pinned) => {
    expect(isPinned(versionOf(headers, 1))).toBe(pinned);
  });
});

it.each([
  [{ start: 0 }, 'bytes=0-'],
  [{ start: 5, end: 6 }, 'bytes=5-5'],
])('%o is asked for as %s', (asked, header) => {
  expect(rangeHeader(asked)).toBe(header);
});

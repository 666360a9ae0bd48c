import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSessionRecord, writeSessionRecord } from '../../../src/workflows/session_record.ts';
import { aRecord } from './session_records.ts';

describe('a record of an upload session', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(aRecord, (record) => {
        expect(readSessionRecord(writeSessionRecord(record))).toEqual(record);
      }),
    );
  });

  it('that was cut at any byte is damaged, and nothing worse', () => {
    fc.assert(
      fc.property(aRecord, fc.nat(), (record, at) => {
        const whole = Buffer.from(writeSessionRecord(record));
        // What is cut is more than the newline at its end.
        const cut = whole.subarray(0, at % (whole.length - 1));
        expect(readSessionRecord(cut.toString('utf8'))).toBe('damaged');
      }),
    );
  });

  it('is damaged if it is anything else', () => {
    // Any JSON but an object with a version: that one may well be of a later version.
    const json = fc.json().filter((text) => !/^\s*\{.*"v"/s.test(text));
    const garbage = fc.oneof(fc.string(), json, fc.constant('{"v":1}'), fc.constant('null'));
    fc.assert(
      fc.property(garbage, (text) => {
        expect(readSessionRecord(text)).toBe('damaged');
      }),
    );
  });

  it('of a later version is known as one', () => {
    expect(readSessionRecord('{"v":2,"whatever":true}')).toBe('later');
  });
});

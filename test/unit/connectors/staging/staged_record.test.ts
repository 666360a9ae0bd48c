import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isExpired,
  newStagedRecord,
  stagedRecords,
  stagingAccount,
} from '../../../../src/connectors/staging/staged_record.ts';
import { aRecord, stagedRecord } from './staged_records.ts';

const { read, write } = stagedRecords;
const account = { api: 'https://upload.test', fingerprint: 'mine' };
const upload = { service: 'opteryx', flow: 'opteryx_session', id: 's_1' } as const;
const DAY = 24 * 60 * 60 * 1000;

describe('a record of an upload to a service', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(aRecord, (record) => {
        expect(read(write(record))).toEqual(record);
      }),
    );
  });

  it('that was cut at any byte is damaged, and nothing worse', () => {
    fc.assert(
      fc.property(aRecord, fc.nat(), (record, at) => {
        const whole = Buffer.from(write(record));
        const cut = whole.subarray(0, at % (whole.length - 1));
        expect(read(cut.toString('utf8'))).toBe('damaged');
      }),
    );
  });

  it('of a later version is known as one', () => {
    expect(read('{"v":2,"whatever":true}')).toBe('later');
  });

  it.each([
    ['2026-01-01T06:00:00Z', '2026-01-01T06:00:00.000Z'],
    ['2026-01-01T06:00:00.25+02:00', '2026-01-01T04:00:00.250Z'],
    ['2026-01-01T06:00:00', '2026-01-01T06:00:00.000Z'],
    ['2026-01-01T06:00:00.123456', '2026-01-01T06:00:00.123Z'],
    ['in six hours', undefined],
    [undefined, undefined],
  ])('that ends at %s is known to end at %s', (expiresAt, end) => {
    const record = newStagedRecord({ ...upload, expiresAt }, account, 5);
    const known = record.expiresAt;
    expect(known === undefined ? undefined : new Date(known).toISOString()).toBe(end);
    expect(read(write(record))).toEqual(record);
  });

  it.each([
    ['at its end', { expiresAt: 100 }, 100, true],
    ['before its end', { expiresAt: 100 }, 99, false],
    ['long after it began, if no end is known', { startedAt: 0 }, 7 * DAY, true],
    ['not so long after', { startedAt: 0 }, 7 * DAY - 1, false],
  ])('has run out %s', (_when, more, now, expired) => {
    expect(isExpired(stagedRecord(more), now)).toBe(expired);
  });
});

describe('an account of a service', () => {
  const at = { service: 'opteryx', baseUrl: 'https://upload.test' } as const;

  it('is the same each time, differs from others, and does not tell its name', () => {
    const mine = stagingAccount(at, 'somebody@acme.test');
    expect(stagingAccount(at, 'somebody@acme.test')).toEqual(mine);
    expect(mine.api).toBe(at.baseUrl);
    expect(JSON.stringify(mine)).not.toContain('somebody');
    const others = [
      stagingAccount(at, 'another@acme.test'),
      stagingAccount({ ...at, service: 'geolens' }, 'somebody@acme.test'),
    ];
    for (const { fingerprint } of others) expect(fingerprint).not.toBe(mine.fingerprint);
  });
});

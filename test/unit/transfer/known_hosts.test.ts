import { describe, expect, it } from 'vitest';
import { createKnownHosts } from '../../../src/transfer/known_hosts.ts';
import { TestClock } from '../../faults/transfer/test_clock.ts';

const HOST = { host: 'storage.test' };
const AN_HOUR = 3_600_000;

function hosts() {
  const clock = new TestClock();
  return { clock, known: createKnownHosts(clock) };
}

describe('the clock of a host', () => {
  it('is unknown until it said so, and then runs on with ours', () => {
    const { clock, known } = hosts();
    expect(known.timeAt(HOST)).toBeUndefined();
    known.answered(HOST, { date: new Date(clock.now() + AN_HOUR).toUTCString() });
    expect(known.timeAt(HOST)).toBe(clock.now() + AN_HOUR);
    clock.advance(5000);
    expect(known.timeAt(HOST)).toBe(clock.now() + AN_HOUR);
    expect(known.timeAt({ host: 'other.test' })).toBeUndefined();
  });

  it('is not forgotten for an answer without a date, or with one that is none', () => {
    const { clock, known } = hosts();
    known.answered(HOST, { date: new Date(clock.now() + AN_HOUR).toUTCString() });
    known.answered(HOST, {});
    known.answered(HOST, { date: 'yesterday' });
    expect(known.timeAt(HOST)).toBe(clock.now() + AN_HOUR);
  });
});

it('a host has answered once it did', () => {
  const { known } = hosts();
  expect(known.hasAnswered(HOST)).toBe(false);
  known.answered(HOST, {});
  expect(known.hasAnswered(HOST)).toBe(true);
});

describe('what a host will state of a PUT', () => {
  it.each([
    ['storage.googleapis.com', 'crc32c'],
    ['bucket.storage.googleapis.com', 'crc32c'],
    ['s3.amazonaws.com', 'md5'],
    ['bucket.s3.amazonaws.com', 'md5'],
    ['bucket.s3.eu-west-1.amazonaws.com', 'md5'],
    ['bucket.s3-eu-west-1.amazonaws.com', 'md5'],
    ['s3.cn-north-1.amazonaws.com.cn', 'md5'],
    ['a.r2.cloudflarestorage.com', 'md5'],
    ['a.blob.core.windows.net', 'md5'],
    ['127.0.0.1:9000', undefined],
    ['storage.googleapis.com.example', undefined],
    ['notstorage.googleapis.com', undefined],
  ])('%s: %s', (host, kind) => {
    expect(hosts().known.willState({ host })).toBe(kind);
  });

  it('is what it stated last, and nothing else', () => {
    const { known } = hosts();
    known.stated(HOST, { md5: 'x' });
    expect(known.willState(HOST)).toBe('md5');
    known.stated(HOST, {});
    expect(known.willState(HOST)).toBe('md5');
    known.stated(HOST, { crc32c: 'y', md5: 'x' });
    expect(known.willState(HOST)).toBe('crc32c');
    known.answered(HOST, {});
    expect(known.willState(HOST)).toBe('crc32c');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInterval } from '../../../src/sandbox/datetime_interval.ts';

const open = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const at = Date.parse;

describe('readInterval', () => {
  it.each([
    ['2024-03-10T01:02:03Z', at('2024-03-10T01:02:03Z'), at('2024-03-10T01:02:03Z')],
    ['2024-03-10', at('2024-03-10T00:00:00Z'), at('2024-03-10T23:59:59.999Z')],
    ['2024-03-10/2024-03-11', at('2024-03-10T00:00:00Z'), at('2024-03-11T23:59:59.999Z')],
    ['2024-03-10T00:00:00+10:00/..', at('2024-03-09T14:00:00Z'), open.to],
    ['../2024-03-10T00:00Z', open.from, at('2024-03-10T00:00:00Z')],
    ['/2024-03-10T00:00:00Z', open.from, at('2024-03-10T00:00:00Z')],
    ['2024-03-10T00:00:00', at('2024-03-10T00:00:00Z'), at('2024-03-10T00:00:00Z')],
    ['../..', open.from, open.to],
  ])('reads %s', (text, from, to) => {
    expect(readInterval(text)).toEqual({ from, to });
  });

  it.each([
    '',
    '..',
    'now',
    '2024',
    '2024-13-01',
    '2024-01-01/2023-01-01',
    '2024-01-01/2024-01-02/2024-01-03',
    '1/2',
  ])('refuses %j', (text) => {
    expect(() => readInterval(text)).toThrow('datetime');
  });

  it('reads what it is written as, for any two times in order', () => {
    const time = fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, (one, other) => {
        const [first, last] = one <= other ? [one, other] : [other, one];
        expect(readInterval(`${first.toISOString()}/${last.toISOString()}`)).toEqual({
          from: first.getTime(),
          to: last.getTime(),
        });
      }),
    );
  });
});

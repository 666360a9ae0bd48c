import { describe, expect, it } from 'vitest';
import { SourceOpener } from '../../../src/transfer/downloads/source_opener.ts';
import { createKnownHosts } from '../../../src/transfer/known_hosts.ts';
import { TestClock } from '../../faults/transfer/test_clock.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOST = { host: 'storage.test' };

/** A URL that says it lives so many seconds from a moment of storage's clock. */
const signed = (n: number, seconds: number, at = NOW) => {
  const date = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `https://storage.test/a?n=${n}&X-Goog-Date=${date}&X-Goog-Expires=${seconds}`;
};

function opener(lifeSeconds: number) {
  const clock = new TestClock(NOW);
  const hosts = createKnownHosts(clock);
  const reasons: string[] = [];
  const abort = new AbortController();
  const made = new SourceOpener(
    async (reason) => {
      reasons.push(reason);
      return { kind: 'url', url: signed(reasons.length, lifeSeconds, clock.now()) };
    },
    { clock, hosts },
    abort.signal,
  );
  return { made, clock, hosts, reasons, abort };
}

describe('the source of a download', () => {
  it('is opened once for all that ask at the same time', async () => {
    const { made, reasons } = opener(900);
    const sources = await Promise.all([1, 2, 3].map(() => made.next(undefined, 'first')));
    expect(new Set(sources).size).toBe(1);
    expect(reasons).toEqual(['first']);
  });

  it('is opened again once for all streams that failed on it, and not for those that come later', async () => {
    const { made, reasons } = opener(900);
    const old = await made.next(undefined, 'first');
    const [one, other] = await Promise.all([made.next(old, 'retry'), made.next(old, 'retry')]);
    const late = await made.next(old, 'retry');
    expect(one).not.toBe(old);
    expect([other, late]).toEqual([one, one]);
    expect(reasons).toEqual(['first', 'retry']);
  });

  it.each([
    [900, 839_000, ['first']],
    [900, 840_000, ['first', 'expired']],
    [10, 8_900, ['first']],
    [10, 9_000, ['first', 'expired']],
  ])(
    'that lives %i s is opened again before its end: after %i ms %o',
    async (life, ms, expected) => {
      const { made, clock, reasons } = opener(life);
      await made.next(undefined, 'first');
      clock.advance(ms);
      await made.next(undefined, 'first');
      expect(reasons).toEqual(expected);
    },
  );

  it('runs out by the clock of storage, not by ours', async () => {
    const { made, hosts, reasons } = opener(900);
    await made.next(undefined, 'first');
    hosts.answered(HOST, { date: new Date(NOW + 890_000).toUTCString() });
    await made.next(undefined, 'first');
    expect(reasons).toEqual(['first', 'expired']);
  });

  it('is not waited for after the download was cancelled', async () => {
    const abort = new AbortController();
    const clock = new TestClock(NOW);
    const made = new SourceOpener(
      () => new Promise(() => {}),
      { clock, hosts: createKnownHosts(clock) },
      abort.signal,
    );
    const asked = made.next(undefined, 'first');
    abort.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow('cancelled');
  });
});

import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { NameLookups } from '../../../src/transfer/http/name_lookups.ts';
import { TestClock } from '../../faults/transfer/test_clock.ts';

const LOOKUP_MS = 10_000_000;
const FOUND = { address: '192.0.2.1', family: 4 };

/** Lookups of which those of `never…` are not answered until the test says so. */
function lookups() {
  const clock = new TestClock();
  const asked: string[] = [];
  const answers = new Map<string, () => void>();
  const made = new NameLookups({
    clock,
    lookupMs: LOOKUP_MS,
    resolve: (host) => {
      asked.push(host);
      return host.startsWith('never')
        ? new Promise((resolve) => answers.set(host, () => resolve([FOUND])))
        : Promise.resolve([FOUND]);
    },
  });
  return { clock, asked, made, answer: (host: string) => answers.get(host)?.() };
}

const tooLong = { code: 'storage_unavailable', outcome: 'transient' };

it('of names that never resolve there are two at once, and each is waited for only so long', async () => {
  const { clock, asked, made, answer } = lookups();
  const names = ['never1', 'never2', 'never3'];
  const failed = names.map((name) =>
    expect(made.addressesOf(name, undefined)).rejects.toMatchObject(tooLong),
  );
  await turn();
  clock.advance(LOOKUP_MS);
  await Promise.all(failed);
  // Their threads are still taken: nothing more is begun, and who waits in vain is told so.
  const late = expect(made.addressesOf('late', undefined)).rejects.toMatchObject(tooLong);
  await turn();
  expect(asked).toEqual(['never1', 'never2']);
  clock.advance(LOOKUP_MS);
  await late;
  answer('never1');
  expect(await made.addressesOf('again', undefined)).toEqual([FOUND]);
  expect(asked).toEqual(['never1', 'never2', 'again']);
});

it('of one owner leave room for those of another', async () => {
  const { clock, asked, made } = lookups();
  const failed = ['never1', 'never2', 'never3'].map((name) =>
    expect(made.addressesOf(name, 'a')).rejects.toMatchObject(tooLong),
  );
  for (const name of ['x', 'y']) expect(await made.addressesOf(name, 'b')).toEqual([FOUND]);
  expect(asked).toEqual(['never1', 'x', 'y']);
  clock.advance(LOOKUP_MS);
  await Promise.all(failed);
});

it('that fail are told as they are, and give their place back', async () => {
  const made = new NameLookups({ resolve: () => Promise.reject(new Error('no such name')) });
  for (let n = 0; n < 4; n += 1) {
    await expect(made.addressesOf('x', 'a')).rejects.toThrow('no such name');
  }
});

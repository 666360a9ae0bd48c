import { describe, expect, it } from 'vitest';
import { Places, PlacesFull } from '../../../src/principals/places.ts';

/** Work that ends when a test says so. */
function heldWork(places: Places, signal = new AbortController().signal) {
  let end: () => void = () => undefined;
  let began = false;
  const held = new Promise<void>((resolve) => {
    end = resolve;
  });
  const done = places.run(() => {
    began = true;
    return held;
  }, signal);
  done.catch(() => undefined);
  return { done, end: () => end(), began: () => began };
}

const turns = () => new Promise(setImmediate);

describe('places', () => {
  it('are taken in order of arrival, so many at once', async () => {
    const places = new Places(2, 10);
    const works = [1, 2, 3, 4].map(() => heldWork(places));
    expect(works.map(({ began }) => began())).toEqual([true, true, false, false]);
    works[1]?.end();
    await turns();
    expect(works.map(({ began }) => began())).toEqual([true, true, true, false]);
    for (const { end } of works) end();
    await Promise.all(works.map(({ done }) => done));
  });

  it('are refused to those for whom there is no room to wait', async () => {
    const places = new Places(1, 1);
    const [first, second, third] = [heldWork(places), heldWork(places), heldWork(places)];
    await expect(third.done).rejects.toThrow(PlacesFull);
    first.end();
    second.end();
    await expect(second.done).resolves.toBeUndefined();
  });

  it('are free again after work that failed, and after a wait that was given up', async () => {
    const places = new Places(1, 10);
    const failed = places.run(
      () => Promise.reject(new Error('failed')),
      new AbortController().signal,
    );
    await expect(failed).rejects.toThrow('failed');
    const [first, stop] = [heldWork(places), new AbortController()];
    const given = heldWork(places, stop.signal);
    const next = heldWork(places);
    stop.abort(new Error('left'));
    await expect(given.done).rejects.toThrow('left');
    first.end();
    await turns();
    expect([given.began(), next.began()]).toEqual([false, true]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'none is lost when one leaves %i steps after a place came free',
    async (steps) => {
      const places = new Places(1, 10);
      const [first, stop] = [heldWork(places), new AbortController()];
      const leaver = heldWork(places, stop.signal);
      const next = heldWork(places);
      first.end();
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      stop.abort(new Error('left'));
      await turns();
      leaver.end();
      await turns();
      expect(next.began()).toBe(true);
      const late = heldWork(places);
      next.end();
      await turns();
      expect(late.began()).toBe(true);
    },
  );
});

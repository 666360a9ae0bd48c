import { describe, expect, it } from 'vitest';
import { MemoryEvents } from '../../../../../src/transports/http/events/memory_events.ts';
import { EventsGone } from '../../../../../src/transports/http/events/session_events.ts';
import { checkResumedExactly } from './resumed_exactly.ts';
import { event, lastEvent, primingEvent, Reader } from './stored_events.ts';

describe('events kept in memory', () => {
  it('come to each client exactly from where it left', async () => {
    await checkResumedExactly((sessionId) => new MemoryEvents(sessionId), 300);
  });

  it('come live once what was stored is read, until the stream is over', async () => {
    const events = new MemoryEvents('session');
    const had = await events.store(primingEvent());
    await events.store(event('one'));
    const reader = new Reader(await events.resume(had));
    expect(await reader.until(1)).toEqual(['one']);
    await events.store(event('two'));
    expect(await reader.until(2)).toEqual(['one', 'two']);
    await events.store(lastEvent('three'));
    expect(await reader.until(3)).toEqual(['one', 'two', 'three']);
    expect(await reader.ended).toBeUndefined();
  });

  it('leave out those without a message', async () => {
    const events = new MemoryEvents('session');
    const had = await events.store(event('one'));
    await events.store(primingEvent());
    await events.store(lastEvent('two'));
    expect(await new Reader(await events.resume(had)).until(1)).toEqual(['two']);
  });

  it('end with an error for who leaves', async () => {
    const events = new MemoryEvents('session');
    const reader = new Reader(await events.resume(await events.store(primingEvent())));
    reader.leave();
    expect(await reader.ended).toMatchObject({ name: 'AbortError' });
  });

  it('say that a stream is over to who had all of it', async () => {
    const events = new MemoryEvents('session');
    const first = await events.store(event('one'));
    const last = await events.store(lastEvent('two'));
    expect(await events.resume(first)).toMatchObject({ over: false });
    expect(await events.resume(last)).toMatchObject({ over: true });
  });

  it.each([
    { case: 'no id', id: 'nonsense' },
    { case: 'an id of another session', other: 'other' },
    { case: 'an id of no event yet', position: '99' },
    { case: 'a position of another kind', position: '1-1' },
    { case: 'a stream that there is not', stream: 'elsewhere' },
  ])('are gone for $case', async ({ id, other, position, stream }) => {
    const events = new MemoryEvents('session');
    const [session, streamId, at] = (await events.store(event('one'))).split('.');
    const asked =
      other === undefined
        ? (id ?? [session, stream ?? streamId, position ?? at].join('.'))
        : await new MemoryEvents(other).store(event('one'));
    await expect(events.resume(asked)).rejects.toThrow(EventsGone);
  });

  it.each([
    { bound: 'number', bounds: { events: 3, bytes: 1_000 } },
    { bound: 'size', bounds: { events: 1_000, bytes: 3 * '"x"'.length } },
  ])(
    'are dropped by $bound, the oldest first, and gone where one would be missed',
    async ({ bounds }) => {
      const events = new MemoryEvents('session', bounds);
      const ids: string[] = [];
      for (let count = 0; count < 5; count += 1) ids.push(await events.store(event('x')));
      const [, second] = ids;
      const outcomes = await Promise.allSettled(ids.map((id) => events.resume(id)));
      expect(outcomes.map(({ status }) => status)).toEqual([
        'rejected',
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'fulfilled',
      ]);
      expect(await new Reader(await events.resume(second ?? '')).until(3)).toEqual(['x', 'x', 'x']);
    },
  );

  it('that others crowd out miss nothing in a stream that has had none since', async () => {
    const events = new MemoryEvents('session', { events: 2, bytes: 1_000 });
    const had = await events.store(primingEvent());
    for (const data of ['a', 'b', 'c']) await events.store(event(data, { streamId: 'other' }));
    const reader = new Reader(await events.resume(had));
    await events.store(lastEvent('the answer'));
    expect(await reader.until(1)).toEqual(['the answer']);
  });

  it('are kept if they are the newest, whatever their size', async () => {
    const events = new MemoryEvents('session', { events: 10, bytes: 10 });
    const had = await events.store(primingEvent());
    await events.store(lastEvent('x'.repeat(100)));
    expect(await new Reader(await events.resume(had)).until(1)).toEqual(['x'.repeat(100)]);
  });

  it('are gone for a reader that was too slow', async () => {
    const events = new MemoryEvents('session', { events: 2, bytes: 1_000 });
    const had = await events.store(event('one'));
    await events.store(event('two'));
    const stream = (await events.resume(had)).follow(new AbortController().signal);
    const reading = stream[Symbol.asyncIterator]();
    expect(await reading.next()).toMatchObject({ value: { data: '"two"' } });
    for (const data of ['three', 'four', 'five']) await events.store(event(data));
    await expect(reading.next()).rejects.toThrow(EventsGone);
  });

  it('leave no streams behind that are over and dropped, nor without limit open ones', async () => {
    const events = new MemoryEvents('session', { events: 2, bytes: 1_000 });
    const over = await events.store(lastEvent('one'));
    const open: string[] = [];
    for (const streamId of ['a', 'b', 'c', 'd', 'e']) {
      open.push(await events.store(primingEvent({ streamId })));
    }
    await expect(events.resume(over)).rejects.toThrow(EventsGone);
    const kept = await Promise.allSettled(open.map((id) => events.resume(id)));
    expect(kept.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(open.length);
  });

  it('are over for all when the session is', async () => {
    const events = new MemoryEvents('session');
    const had = await events.store(primingEvent());
    const reader = new Reader(await events.resume(had));
    await events.close();
    expect(await reader.ended).toBeUndefined();
    await expect(events.resume(had)).rejects.toThrow(EventsGone);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventMemory } from '../../../../../src/transports/http/events/event_memory.ts';
import { MemoryEvents } from '../../../../../src/transports/http/events/memory_events.ts';

const BOUNDS = { events: 1_000, bytes: 1_000_000 };

const event = (bytes: number) => ({
  streamId: 'stream',
  data: 'x'.repeat(bytes),
  unanswered: [],
  last: false,
});

describe('what all sessions keep of their events', () => {
  it('is bounded, but for the newest of each', async () => {
    const stores = fc.array(fc.tuple(fc.nat(4), fc.nat(100)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(stores, async (all) => {
        const memory = new EventMemory(200);
        const sessions = Array.from(
          { length: 5 },
          (_, index) => new MemoryEvents(`session ${index}`, BOUNDS, memory),
        );
        for (const [index, bytes] of all) {
          await sessions[index]?.store(event(bytes));
          expect(memory.bytes).toBeLessThanOrEqual(200 + 5 * 100);
        }
        for (const session of sessions) await session.close();
        expect(memory.bytes).toBe(0);
      }),
    );
  });

  it('goes at the cost of the session that is longest quiet', async () => {
    const memory = new EventMemory(250);
    const quiet = new MemoryEvents('quiet', BOUNDS, memory);
    const busy = new MemoryEvents('busy', BOUNDS, memory);
    const first = await quiet.store(event(100));
    await quiet.store(event(50));
    const kept = await busy.store(event(60));
    await busy.store(event(60));
    await expect(quiet.resume(first)).resolves.toMatchObject({ streamId: 'stream' });
    expect(memory.bytes).toBe(170);
    await expect(busy.resume(kept)).resolves.toMatchObject({ streamId: 'stream' });
  });
});

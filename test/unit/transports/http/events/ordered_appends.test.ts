import { describe, expect, it } from 'vitest';
import {
  type EventsNotKept,
  OrderedAppends,
} from '../../../../../src/transports/http/events/ordered_appends.ts';
import {
  type EventRedis,
  RedisStreams,
} from '../../../../../src/transports/http/events/redis_streams.ts';
import { ManualClock } from '../../../jobs/manual_clock.ts';

/** A Redis that answers as the test has it, and counts what it is asked. */
function appendsTo(answer: () => Promise<never>) {
  const clock = new ManualClock();
  const warnings: EventsNotKept[] = [];
  let asked = 0;
  const redis: EventRedis = {
    key: (...parts) => parts.join(':'),
    run: () => {
      asked += 1;
      return answer();
    },
  };
  const warn = (warning: EventsNotKept) => warnings.push(warning);
  const appends = new OrderedAppends({ streams: new RedisStreams(redis, 'session'), clock, warn });
  const position = { begun: 1, count: 1 };
  const entry = { position, data: '', unanswered: [], last: false, replica: 'one' };
  const add = () => appends.add({ key: 'key', entry, expireMs: 1 });
  return { clock, warnings, appends, add, asked: () => asked };
}

describe('appending to a Redis', () => {
  it('that hangs holds an answer back for a second and no longer', async () => {
    const { clock, add } = appendsTo(() => new Promise(() => undefined));
    let out = false;
    const adding = add().then(() => {
      out = true;
    });
    await clock.pass(999);
    expect(out).toBe(false);
    await clock.pass(1);
    await adding;
  });

  it('that is away holds nothing back, warns once, and is tried again each second', async () => {
    const { clock, warnings, add, asked } = appendsTo(() => Promise.reject(new Error('away')));
    await add();
    await add();
    expect(asked()).toBe(1);
    await clock.pass(1_000);
    await clock.pass(1_000);
    expect(asked()).toBe(3);
    expect(warnings).toHaveLength(1);
  });

  it('ends with the session, also while Redis is away', async () => {
    const { clock, appends, add, asked } = appendsTo(() => Promise.reject(new Error('away')));
    await add();
    appends.close();
    await clock.pass(1_000);
    await add();
    expect(asked()).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { interruptible, linkedAbort, untilAborted } from '../../../src/transfer/cancellable.ts';
import { ReceivedBody } from '../../../src/transfer/http/received_body.ts';
import { Watchdog } from '../../../src/transfer/watchdog.ts';
import { settledAt } from '../../faults/transfer/fixtures.ts';
import { TestClock } from '../../faults/transfer/test_clock.ts';

const WINDOW_MS = 4_000_000;
const turns = () => settledAt(() => 0, 5);

describe('a received body', () => {
  const recorded = () => {
    const calls: string[] = [];
    const flow = {
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
      abandon: () => void calls.push('abandon'),
    };
    return { calls, body: new ReceivedBody(flow) };
  };

  it('pauses its connection when a megabyte waits, and resumes it once that is read', async () => {
    const { calls, body } = recorded();
    for (let n = 0; n < 16; n += 1) {
      body.push(Buffer.alloc(64 * 1024, n));
    }
    expect(calls).toEqual(['pause']);
    body.end();
    const read: number[] = [];
    for await (const chunk of body) {
      read.push(chunk[0] ?? -1);
      expect(calls.length).toBe(1);
    }
    expect(read).toEqual([...Array(16).keys()]);
    expect(calls).toContain('resume');
    expect(calls).not.toContain('abandon');
  });

  it('gives what came before a failure, then the failure', async () => {
    const { body } = recorded();
    body.push(Buffer.from('a'));
    body.fail(new Error('reset'));
    const read: string[] = [];
    const work = (async () => {
      for await (const chunk of body) {
        read.push(String(chunk));
      }
    })();
    await expect(work).rejects.toThrow('reset');
    expect(read).toEqual(['a']);
  });

  it('tells its connection when the reader leaves', async () => {
    const { calls, body } = recorded();
    body.push(Buffer.from('a'));
    for await (const _chunk of body) {
      break;
    }
    expect(calls).toContain('abandon');
  });
});

describe('a watchdog', () => {
  const watched = () => {
    const clock = new TestClock();
    let stalls = 0;
    const dog = new Watchdog(clock, WINDOW_MS, () => {
      stalls += 1;
    });
    return { clock, dog, stalls: () => stalls };
  };

  it('barks once, after a whole window without a move', async () => {
    const { clock, dog, stalls } = watched();
    clock.advance(WINDOW_MS / 2);
    dog.touch();
    clock.advance(WINDOW_MS / 2);
    await turns();
    expect(stalls()).toBe(0);
    clock.advance(WINDOW_MS);
    await turns();
    clock.advance(WINDOW_MS);
    await turns();
    expect(stalls()).toBe(1);
  });

  it('sleeps while suspended, and counts from its waking', async () => {
    const { clock, dog, stalls } = watched();
    dog.suspend();
    for (let n = 0; n < 3; n += 1) {
      clock.advance(WINDOW_MS);
      await turns();
    }
    dog.resume();
    expect(stalls()).toBe(0);
    clock.advance(WINDOW_MS);
    await turns();
    expect(stalls()).toBe(1);
  });

  it('is silent once stopped', async () => {
    const { clock, dog, stalls } = watched();
    clock.advance(WINDOW_MS);
    dog.stop();
    await turns();
    expect(stalls()).toBe(0);
  });
});

describe('cancelling', () => {
  it('ends a wait for a promise that never settles', async () => {
    const cancel = new AbortController();
    const wait = untilAborted(new Promise(() => {}), cancel.signal);
    cancel.abort(new Error('enough'));
    await expect(wait).rejects.toThrow('enough');
    await expect(untilAborted(Promise.resolve(1), cancel.signal)).rejects.toThrow('enough');
  });

  it('ends a source that hangs, and lets a finished one be', async () => {
    const cancel = new AbortController();
    const hanging = (async function* () {
      yield 1;
      await new Promise(() => {});
    })();
    const read: number[] = [];
    const work = (async () => {
      for await (const n of interruptible(hanging, cancel.signal)) {
        read.push(n);
        setImmediate(() => cancel.abort(new Error('enough')));
      }
    })();
    await expect(work).rejects.toThrow('enough');
    expect(read).toEqual([1]);
  });

  it('of a whole reaches its part, and of a part stays there', () => {
    const whole = new AbortController();
    const one = linkedAbort(whole.signal);
    const other = linkedAbort(whole.signal);
    one.abort('stalled');
    expect([one.signal.reason, other.signal.aborted, whole.signal.aborted]).toEqual([
      'stalled',
      false,
      false,
    ]);
    other.release();
    whole.abort('cancelled');
    expect([one.signal.reason, other.signal.aborted]).toEqual(['stalled', false]);
    expect(linkedAbort(whole.signal).signal.reason).toBe('cancelled');
  });
});

import { describe, expect, it } from 'vitest';
import { watchTransfer } from '../../../src/resources/transfer_watch.ts';
import type { ToolAnswer } from '../../../src/tools/tool.ts';
import type { Act } from '../../../src/transfer/act.ts';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import { askedWorld } from './asked_world.ts';

/** A transfer that goes on as the test says, and how often a change of it was told. */
async function watched() {
  const { asked, clock, jobs } = askedWorld();
  let act: Act | undefined;
  let end: (answer: ToolAnswer) => void = () => undefined;
  const run = (given: Act) => {
    act = given;
    return new Promise<ToolAnswer>((resolve, reject) => {
      end = resolve;
      given.signal.addEventListener('abort', () => reject(given.signal.reason));
    });
  };
  const transfer = await jobs.start({ owner: 'me', key: 'k', kind: 'upload', what: 'a', run });
  let told = 0;
  const stop = watchTransfer(transfer, () => (told += 1), asked);
  return {
    transfer,
    stop,
    told: () => told,
    tell: (done: number) => act?.onProgress({ done, message: 'Moving' }),
    end: async () => {
      end({ facts: {} });
      await transfer.wait(1, asked.signal);
    },
    passes: () => clock.pass(2_000),
  };
}

describe('a transfer that is watched', () => {
  it('is told of when it came on, at most once in two seconds, and when it ended', async () => {
    const it = await watched();
    await it.passes();
    expect(it.told()).toBe(0);
    it.tell(1);
    it.tell(2);
    expect(it.told()).toBe(0);
    await it.passes();
    expect(it.told()).toBe(1);
    await it.end();
    await it.passes();
    expect(it.told()).toBe(2);
    await it.passes();
    expect(it.told()).toBe(2);
  });

  it('is told of no more once nobody wants to hear', async () => {
    const it = await watched();
    it.stop();
    it.tell(1);
    await it.passes();
    await it.end();
    await it.passes();
    expect(it.told()).toBe(0);
  });

  it('is stopped all the same when its call is cancelled', async () => {
    const it = await watched();
    const outcome = await it.transfer.abandon(new Cancelled('cancelled by the client'));
    expect(outcome).toMatchObject({ state: 'cancelled' });
    await it.passes();
    expect(it.told()).toBe(1);
  });
});

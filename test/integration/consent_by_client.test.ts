import type { ElicitRequest, ElicitResult, Progress } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, vi } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import { CALLER_OF } from '../../src/tools/operations/caller_of.ts';
import { exampleInput } from '../../src/tools/operations/example_input.ts';
import { ManualClock } from '../unit/jobs/manual_clock.ts';
import { ACTS, type Act, actKind, cartOf, recordsBeside } from './consent_acts.ts';
import { openOver, type WayWorld } from './way_world.ts';
import { WAYS, type Way } from './ways.ts';
import type { Elicited } from './world.ts';

const MINUTE = 60_000;
/** A busy machine may take its time. */
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });

const YES: ElicitResult = { action: 'accept', content: { approve: true } };

/** Answers that are no yes of a person who has seen the question. */
const NO: readonly (readonly [string, Elicited])[] = [
  ['declines', () => ({ action: 'decline' })],
  ['cancels', () => ({ action: 'cancel' })],
  ['accepts without a word', () => ({ action: 'accept' })],
  ['accepts an empty form', () => ({ action: 'accept', content: {} })],
  ['accepts without the tick', () => ({ action: 'accept', content: { approve: false } })],
  ['accepts with a word for the tick', () => ({ action: 'accept', content: { approve: 'true' } })],
  ['accepts with a number for the tick', () => ({ action: 'accept', content: { approve: 1 } })],
  [
    'accepts something else',
    () => ({ action: 'accept', content: { confirm: true, Approve: true } }),
  ],
  ['declines with the tick', () => ({ action: 'decline', content: { approve: true } })],
  ['cancels with the tick', () => ({ action: 'cancel', content: { approve: true } })],
  ['fails', () => Promise.reject(new Error('the window was closed'))],
  ['answers what is no answer', () => JSON.parse('{"action":"perhaps"}')],
];

const asking = WAYS.filter(({ name }) => ['memory', 'HTTP'].includes(name));

/** A client whose user answers so, and what they were asked. */
async function openAnswering(way: Way, answer: Elicited, options: object = {}) {
  const questions: ElicitRequest['params'][] = [];
  const elicited: Elicited = (params, signal) => {
    questions.push(params);
    return answer(params, signal);
  };
  const world = await openOver(way, { ...options, elicited });
  const records = () => recordsBeside(world.folder);
  return { world, questions, records };
}

function perform(world: WayWorld, act: Act, more: object = {}, options: object = {}) {
  const { tool, operation, arguments: input } = act;
  return world.call(tool, { operation, arguments: input, ...more }, options);
}

/** A user who has not answered yet. */
function thinking() {
  let answer: (given: ElicitResult) => void = () => undefined;
  const signals: AbortSignal[] = [];
  const elicited: Elicited = (_params, signal) => {
    signals.push(signal);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  return { elicited, signals, answer: (given: ElicitResult) => answer(given) };
}

/** The client of the SDK does not hear that the very first question is taken back: its id is 0. */
async function openThinking(way: Way, options: object = {}) {
  const user = thinking();
  let isFirst = true;
  const opened = await openAnswering(
    way,
    (params, signal) => {
      if (!isFirst) return user.elicited(params, signal);
      isFirst = false;
      return { action: 'decline' };
    },
    options,
  );
  await perform(opened.world, await actKind('api_keys.create').prepare(opened.world.sandbox));
  return { ...opened, user };
}

describe.each(asking)('a client over $name that asks its user', (way) => {
  describe.each(ACTS)('before $operation', ({ operation, follows, prepare, done }) => {
    it('shows what is to be done, with what, and does it once if the user says yes', async () => {
      const { world, questions, records } = await openAnswering(way, () => YES);
      const act = await prepare(world.sandbox);
      const answer = await perform(world, act);
      expect(answer, answer.text).toMatchObject({ isError: false });
      expect(done(await records())).toBe(1);
      const [question] = questions;
      expect(questions).toHaveLength(1);
      expect(question?.message).toMatch(follows);
      expect(question?.message).toContain(`Operation: ${operation}`);
      for (const [name, value] of Object.entries(act.arguments)) {
        const shown = typeof value === 'string' ? `"${name}":"${value}"` : `"${name}":`;
        expect(question?.message).toContain(shown);
      }
      expect(question).toMatchObject({
        mode: 'form',
        requestedSchema: {
          properties: { approve: { type: 'boolean', default: false } },
          required: ['approve'],
        },
      });
    });

    it('asks each time anew', async () => {
      const { world, questions, records } = await openAnswering(way, () => YES);
      for (const turn of [1, 2]) {
        await perform(world, await prepare(world.sandbox));
        expect(questions).toHaveLength(turn);
        expect(done(await records())).toBe(turn);
      }
    });

    it.each(NO)('does nothing if it %s', async (_, answer) => {
      const { world, questions, records } = await openAnswering(way, answer);
      const act = await prepare(world.sandbox);
      const before = await records();
      const refused = await perform(world, act);
      expect(refused).toMatchObject({ isError: true, errorCode: 'consent_declined' });
      expect(refused.text).toContain('Nothing was done');
      expect(questions).toHaveLength(1);
      expect(await records()).toEqual(before);
    });

    it('takes no confirmation for the answer of the user', async () => {
      const { world, questions, records } = await openAnswering(way, () => ({ action: 'decline' }));
      const act = await prepare(world.sandbox);
      const before = await records();
      const refused = await perform(world, act, { confirmation: 'x'.repeat(100) });
      expect(refused).toMatchObject({ isError: true, errorCode: 'consent_declined' });
      expect(questions).toHaveLength(1);
      expect(await records()).toEqual(before);
    });

    it('asks nobody about a call that does not fit', async () => {
      const { world, questions } = await openAnswering(way, () => YES);
      const act = await prepare(world.sandbox);
      const refused = await perform(world, { ...act, arguments: { wrong: 1 } });
      expect(refused).toMatchObject({ isError: true, errorCode: 'invalid_arguments' });
      expect(questions).toEqual([]);
    });
  });

  it('shows what a spend is estimated to cost', async () => {
    const { world, questions } = await openAnswering(way, () => ({ action: 'decline' }));
    const act = await actKind('orders.archive.place').prepare(world.sandbox);
    await perform(world, act);
    const estimate = await world.call('call_read_operation', {
      operation: 'orders.archive.estimate',
      arguments: act.arguments,
    });
    expect(questions[0]?.message).toMatch(/Estimate by orders\.archive\.estimate: \{/);
    for (const total of ['total_aud', 'total_credits']) {
      const figure = `"${total}":${estimate.facts[total]}`;
      expect(questions[0]?.message).toContain(figure);
    }
  });

  it('shows the totals of a great many captures', async () => {
    const { world, questions } = await openAnswering(way, () => ({ action: 'decline' }));
    const cart = { ...(await cartOf(world.sandbox, 40)), splitByDate: true };
    await perform(world, {
      ...(await actKind('orders.archive.place').prepare(world.sandbox)),
      arguments: cart,
    });
    expect(questions[0]?.message).toMatch(/"total_credits":\d+/);
    expect(questions[0]?.message).toContain('"splitByDate":true');
    expect(questions[0]?.message.length).toBeLessThan(4_000);
  });

  it('says that there is no estimate where it fails, and lets the user decide', async () => {
    const { world, questions, records } = await openAnswering(way, () => YES);
    const act = await actKind('orders.archive.place').prepare(world.sandbox);
    world.sandbox.inject({ on: 'orders.archive.estimate', do: { status: 501 } });
    const answer = await perform(world, act);
    expect(answer, answer.text).toMatchObject({ isError: false });
    expect(questions[0]?.message).toMatch(/\nThere is no estimate: .+$/);
    expect(actKind('orders.archive.place').done(await records())).toBe(1);
  });

  describe.each(ACTS)('while its user thinks about $operation', ({ prepare, done }) => {
    it('may cancel the call, and then a late yes does nothing', async () => {
      const { world, user, records } = await openThinking(way);
      const act = await prepare(world.sandbox);
      const before = await records();
      const cancel = new AbortController();
      const called = perform(world, act, {}, { signal: cancel.signal });
      await eventually(() => expect(user.signals).toHaveLength(1));
      cancel.abort();
      await expect(called).rejects.toThrow();
      // The server takes its question back.
      await eventually(() => expect(user.signals[0]?.aborted).toBe(true));
      user.answer(YES);
      await world.stopServer();
      expect(await records()).toEqual(before);
    });

    it('may go away for good, and the server waits no longer than it says', async () => {
      const clock = new ManualClock();
      const { world, user, records } = await openThinking(way, { callClock: clock });
      const act = await prepare(world.sandbox);
      const before = await records();
      const called = perform(world, act);
      await eventually(() => expect(user.signals).toHaveLength(1));
      await clock.pass(4 * MINUTE);
      expect(user.signals[0]?.aborted).toBe(false);
      await clock.pass(MINUTE);
      const refused = await called;
      expect(refused).toMatchObject({ isError: true, errorCode: 'consent_declined' });
      await eventually(() => expect(user.signals[0]?.aborted).toBe(true));
      user.answer(YES);
      await world.stopServer();
      expect(await records()).toEqual(before);
    });

    it('hears that the call is alive', async () => {
      const clock = new ManualClock();
      const { world, user, records } = await openThinking(way, { callClock: clock });
      const act = await prepare(world.sandbox);
      const heard: Progress[] = [];
      const called = perform(world, act, {}, { onprogress: (it: Progress) => heard.push(it) });
      await eventually(() => expect(heard).toHaveLength(1));
      await eventually(() => expect(user.signals).toHaveLength(1));
      for (const beats of [2, 3, 4]) {
        await clock.pass(10_000);
        await eventually(() => expect(heard).toHaveLength(beats));
      }
      expect(heard.map(({ progress }) => progress)).toEqual([1, 2, 3, 4]);
      user.answer(YES);
      expect(await called).toMatchObject({ isError: false });
      expect(done(await records())).toBe(1);
      // Nobody waits any more.
      await clock.pass(10 * MINUTE);
      expect(heard).toHaveLength(4);
    });
  });

  it('may be stopped with its server while the user thinks', async () => {
    const { world, user, records } = await openThinking(way);
    const act = await actKind('api_keys.create').prepare(world.sandbox);
    const before = await records();
    const leave = new AbortController();
    const called = perform(world, act, {}, { signal: leave.signal }).catch(() => undefined);
    await eventually(() => expect(user.signals).toHaveLength(1));
    await world.stopServer();
    user.answer(YES);
    leave.abort();
    await called;
    expect(await records()).toEqual(before);
  });

  it('has two questions answered apart', async () => {
    const { world, records } = await openAnswering(way, ({ message }) =>
      message.includes('"first"') ? YES : { action: 'decline' },
    );
    const key = (name: string): Act => ({
      tool: 'call_write_operation',
      operation: 'api_keys.create',
      arguments: { name },
    });
    const answers = await Promise.all([
      perform(world, key('first')),
      perform(world, key('second')),
    ]);
    expect(answers.map(({ isError }) => isError)).toEqual([false, true]);
    expect((await records()).api_keys).toMatchObject([{ name: 'first' }]);
  });
});

describe('each operation', () => {
  it('asks before it acts if it is to ask, and never else', async () => {
    const [memory] = WAYS;
    if (memory === undefined) throw new Error('there is no way');
    const { world, questions, records } = await openAnswering(memory, () => ({
      action: 'decline',
    }));
    const before = await records();
    for (const { id, effect, input, asksFirst } of catalogue) {
      if (!asksFirst) continue;
      const act = { tool: CALLER_OF[effect], operation: id, arguments: exampleInput(input) };
      const asked = questions.length;
      expect(await perform(world, act), id).toMatchObject({ errorCode: 'consent_declined' });
      expect(questions.length - asked, id).toBe(1);
    }
    expect(await records()).toEqual(before);
    const asked = questions.length;
    for (const { id, effect, input, asksFirst } of catalogue) {
      if (asksFirst) continue;
      const act = { tool: CALLER_OF[effect], operation: id, arguments: exampleInput(input) };
      const { facts } = await perform(world, act);
      expect(facts, id).not.toHaveProperty('confirmation');
    }
    expect(questions).toHaveLength(asked);
  });
});

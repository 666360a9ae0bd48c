import type { ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import { CALLER_OF } from '../../src/tools/operations/caller_of.ts';
import { exampleInput } from '../../src/tools/operations/example_input.ts';
import type { Clock } from '../../src/transfer/engine.ts';
import { type Act, actKind, cartOf, prepared, recordsBeside } from './consent_acts.ts';
import { watchedApi } from './watched_api.ts';
import { AS_DELIVERED } from './way_world.ts';
import { answerOf, connectInMemory, prepareServer, type WorldOptions } from './world.ts';

const SPEND = 'orders.archive.place';
/** A busy machine may take its time. */
const eventually = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 15_000 });
const YES: ElicitResult = { action: 'accept', content: { approve: true } };

/** A server whose requests to the API are seen; its waits pass at once, after `onWait`. */
async function open(options: WorldOptions = {}) {
  let onWait: () => Promise<void> = async () => undefined;
  const engineClock: Clock = {
    now: () => Date.now(),
    async wait(_ms, signal) {
      await onWait();
      signal.throwIfAborted();
    },
  };
  const config = { ...AS_DELIVERED, confirm: 'never', ...options.config };
  const world = await prepareServer({ engineClock, ...options, config });
  onTestFinished(() => world.close());
  const api = await watchedApi(world.sandbox.url);
  const account = { ...world.account, apiUrl: api.url };
  const { client } = await connectInMemory({ ...world, account });
  onTestFinished(() => client.close());
  const { sandbox, folder } = world;

  const perform = async ({ tool, operation, arguments: input }: Act, more = {}, call = {}) => {
    const args = { operation, arguments: input, ...more };
    return answerOf(await client.callTool({ name: tool, arguments: args }, undefined, call));
  };
  return {
    sandbox,
    api,
    perform,
    spend: async (): Promise<Act> => actKind(SPEND).prepare(sandbox),
    whileWaiting: (act: () => Promise<void>) => {
      onWait = act;
    },
    /** Keys of the requests that spent, in the order in which they were sent. */
    keys: () => api.sent.filter(({ operation }) => operation === SPEND).map(({ key }) => key),
    /** How many orders there are, each charged. */
    async orders(): Promise<number> {
      const { orders, credit_transactions } = await recordsBeside(folder);
      expect(credit_transactions.filter(({ amount }) => amount < 0)).toHaveLength(orders.length);
      return orders.length;
    },
  };
}

describe('the key that makes a spend one', () => {
  it('is the same at each of our own tries, after the API had no time', async () => {
    const { sandbox, spend, perform, keys, orders } = await open();
    sandbox.inject({ on: SPEND, times: 2, do: { status: 429, retry_after: 1 } });
    const answer = await perform(await spend());
    expect(answer, answer.text).toMatchObject({ isError: false });
    expect(keys()).toHaveLength(3);
    expect(new Set(keys()).size).toBe(1);
    expect(await orders()).toBe(1);
  });

  it('is the same at each of our own tries, after the API was out of reach', async () => {
    const { api, spend, perform, whileWaiting, keys, orders } = await open();
    const act = await spend();
    let waits = 0;
    whileWaiting(async () => {
      waits += 1;
      if (waits === 2) await api.accept();
    });
    await api.refuse();
    const answer = await perform(act);
    expect(answer, answer.text).toMatchObject({ isError: false });
    expect(waits).toBe(2);
    expect(keys()).toEqual([expect.any(String)]);
    expect(await orders()).toBe(1);
  });

  it('is the same when the model calls again because the answer was lost', async () => {
    const { sandbox, spend, perform, keys, orders } = await open();
    const act = await spend();
    sandbox.inject({ on: SPEND, times: 2, do: { lose_answer: true } });
    for (const _ of [1, 2]) {
      const lost = await perform(act);
      expect(lost).toMatchObject({ isError: true, errorCode: 'unreachable' });
    }
    const answer = await perform(act);
    expect(answer, answer.text).toMatchObject({ isError: false });
    // By ourselves we try none of these again: nobody knows what became of it.
    expect(keys()).toHaveLength(3);
    expect(new Set(keys()).size).toBe(1);
    expect(await orders()).toBe(1);
  });

  it('is the same when the call was cancelled while the API worked', async () => {
    const { sandbox, spend, perform, keys, orders } = await open();
    const act = await spend();
    sandbox.inject({ on: SPEND, do: { stall_after_bytes: 1 } });
    const cancel = new AbortController();
    const called = perform(act, {}, { signal: cancel.signal });
    await eventually(async () => expect(await orders()).toBe(1));
    cancel.abort();
    await expect(called).rejects.toThrow();
    const answer = await perform(act);
    expect(answer, answer.text).toMatchObject({ isError: false });
    expect(keys()).toHaveLength(2);
    expect(new Set(keys()).size).toBe(1);
    expect(await orders()).toBe(1);
  });

  it('is another once the first has succeeded', async () => {
    const { spend, perform, keys, orders } = await open();
    const act = await spend();
    const [first, second] = [await perform(act), await perform(act)];
    expect(first.facts).not.toEqual(second.facts);
    expect(new Set(keys()).size).toBe(2);
    expect(await orders()).toBe(2);
  });

  it('is another for another purchase, also while the fate of the first is open', async () => {
    const { sandbox, spend, perform, keys, orders } = await open();
    sandbox.inject({ on: SPEND, do: { lose_answer: true } });
    await perform(await spend());
    const other = { ...(await spend()), arguments: await cartOf(sandbox, 2) };
    expect(await perform(other)).toMatchObject({ isError: false });
    expect(new Set(keys()).size).toBe(2);
    expect(await orders()).toBe(2);
  });

  it('is one for two equal purchases at once', async () => {
    const { sandbox, spend, perform, keys, orders } = await open();
    const act = await spend();
    // All are under way until the API has answered the first of them.
    sandbox.inject({ on: SPEND, times: 3, do: { bytes_per_second: 20_000 } });
    const answers = await Promise.all([perform(act), perform(act), perform(act)]);
    for (const { isError, facts } of answers) {
      expect({ isError, facts }).toEqual({ isError: false, facts: answers[0]?.facts });
    }
    expect(keys()).toHaveLength(3);
    expect(new Set(keys()).size).toBe(1);
    expect(await orders()).toBe(1);
  });

  it('says nothing of the purchase', async () => {
    const { spend, perform, keys } = await open();
    await perform(await spend());
    expect(keys()).toEqual([expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f-]{21}$/)]);
  });

  describe('of a spend that the user confirms in two steps', () => {
    const config = { confirm: 'auto' };

    it('is the same where the confirmed call comes again because its answer was lost', async () => {
      const { sandbox, spend, perform, keys, orders } = await open({ config });
      const act = await spend();
      const { confirmation } = prepared.parse((await perform(act)).facts);
      sandbox.inject({ on: SPEND, do: { lose_answer: true } });
      expect(await perform(act, { confirmation })).toMatchObject({ isError: true });
      expect(await perform(act, { confirmation })).toMatchObject({ isError: false });
      expect(new Set(keys()).size).toBe(1);
      expect(await orders()).toBe(1);
    });

    it('is the same where the user is asked anew because the answer was lost', async () => {
      const { sandbox, spend, perform, keys, orders } = await open({ config });
      const act = await spend();
      const first = prepared.parse((await perform(act)).facts);
      sandbox.inject({ on: SPEND, do: { lose_answer: true } });
      expect(await perform(act, { confirmation: first.confirmation })).toMatchObject({
        isError: true,
      });
      const { confirmation } = prepared.parse((await perform(act)).facts);
      expect(await perform(act, { confirmation })).toMatchObject({ isError: false });
      // Nor does either do anything from now on.
      await perform(act, { confirmation: first.confirmation });
      await perform(act, { confirmation });
      expect(new Set(keys()).size).toBe(1);
      expect(await orders()).toBe(1);
    });

    it('is one where it was prepared twice and both are confirmed at once', async () => {
      const { sandbox, spend, perform, keys, orders } = await open({ config });
      const act = await spend();
      const tokens = [
        prepared.parse((await perform(act)).facts).confirmation,
        prepared.parse((await perform(act)).facts).confirmation,
      ];
      sandbox.inject({ on: SPEND, times: 2, do: { bytes_per_second: 20_000 } });
      await Promise.all(tokens.map((confirmation) => perform(act, { confirmation })));
      expect(new Set(keys()).size).toBe(1);
      expect(await orders()).toBe(1);
    });
  });

  it('is the same where the user is asked by the client again because the answer was lost', async () => {
    const { sandbox, spend, perform, keys, orders } = await open({
      config: { confirm: 'auto' },
      elicited: () => YES,
    });
    const act = await spend();
    sandbox.inject({ on: SPEND, do: { lose_answer: true } });
    expect(await perform(act)).toMatchObject({ isError: true });
    expect(await perform(act)).toMatchObject({ isError: false });
    expect(new Set(keys()).size).toBe(1);
    expect(await orders()).toBe(1);
  });
});

describe('each operation', () => {
  it('is sent with a key if the API takes one, and without if not', async () => {
    const { api, perform } = await open();
    for (const { id, effect, input, idempotencyKey } of catalogue) {
      const before = api.sent.length;
      await perform({ tool: CALLER_OF[effect], operation: id, arguments: exampleInput(input) });
      const [request] = api.sent.slice(before);
      expect(request?.operation).toBe(id);
      expect(request?.key !== undefined, id).toBe(idempotencyKey);
    }
  });

  it('that spends takes a key, and is sent again by nobody but who called', () => {
    const spends = catalogue.filter(({ effect }) => effect === 'external_spend');
    expect(spends.length).toBeGreaterThan(5);
    for (const { id, idempotencyKey, repeatable, asksFirst } of spends) {
      expect({ idempotencyKey, repeatable, asksFirst }, id).toEqual({
        idempotencyKey: true,
        repeatable: false,
        asksFirst: true,
      });
    }
  });
});

import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTS, type Act, actKind, prepared, recordsBeside } from '../consent_acts.ts';
import { dumpRedis } from '../redis/redis_dump.ts';
import { needsRedis, type RedisServer, startRedis } from '../redis/redis_server.ts';
import { AS_DELIVERED } from '../way_world.ts';
import { answerOf } from '../world.ts';
import { type HttpWorld, openHttpWorld } from './http_world.ts';

/** One caller of a server. */
async function callerOf(world: HttpWorld, token?: string) {
  const { client } = await world.connect(token);
  return async ({ tool, operation, arguments: input }: Act, confirmation?: string) => {
    const given = { operation, arguments: input, ...(confirmation && { confirmation }) };
    const answer = await client.callTool({ name: tool, arguments: given });
    return answerOf(CallToolResultSchema.parse(answer));
  };
}

type Perform = Awaited<ReturnType<typeof callerOf>>;

async function confirmationOf(perform: Perform, act: Act): Promise<string> {
  const answer = await perform(act);
  return prepared.parse(answer.facts).confirmation;
}

const refusal = { isError: true, errorCode: 'consent_invalid_confirmation' };

const KINDS = [
  ['a server with sessions', AS_DELIVERED],
  ['a server without', { ...AS_DELIVERED, stateless: true }],
] as const;

describe.each(KINDS)('a confirmation that %s gave', (_, config) => {
  it.each(ACTS)('to one principal is none for another: $operation', async (kind) => {
    const world = await openHttpWorld({ config });
    const [ana, bob] = [await callerOf(world), await callerOf(world, world.newToken())];
    const act = await kind.prepare(world.sandbox);
    const before = await recordsBeside(world.folder);
    const confirmation = await confirmationOf(ana, act);
    expect(await bob(act, confirmation)).toMatchObject(refusal);
    expect(await recordsBeside(world.folder)).toEqual(before);
    // That somebody else tried it has not used it up.
    expect(await ana(act, confirmation)).toMatchObject({ isError: false });
    expect(kind.done(await recordsBeside(world.folder))).toBe(1);
  });

  it('is none for another server that shares nothing', async () => {
    const one = await openHttpWorld({ config });
    const other = await openHttpWorld({ config, beside: one });
    const [here, there] = [await callerOf(one), await callerOf(other)];
    const act = await actKind('api_keys.create').prepare(one.sandbox);
    const confirmation = await confirmationOf(here, act);
    expect(await there(act, confirmation)).toMatchObject(refusal);
    expect((await recordsBeside(one.folder)).api_keys).toEqual([]);
  });
});

describe.skipIf(needsRedis !== '')(`replicas that share a Redis${needsRedis}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.close());

  /** The same principal at two servers before the same Geopera. */
  async function openTwo(config: object) {
    const shared = { config: { ...config, redis: redis.url } };
    const one = await openHttpWorld(shared);
    const other = await openHttpWorld({ ...shared, beside: one });
    const [here, there] = [await callerOf(one), await callerOf(other)];
    return { world: one, other, here, there, records: () => recordsBeside(one.folder) };
  }

  describe.each(KINDS)('behind %s', (_, config) => {
    it.each(ACTS)('take each other’s confirmation, once: $operation', async (kind) => {
      const { world, here, there, records } = await openTwo(config);
      const act = await kind.prepare(world.sandbox);
      const confirmation = await confirmationOf(here, act);
      const answers = await Promise.all([
        there(act, confirmation),
        here(act, confirmation),
        there(act, confirmation),
      ]);
      expect(kind.done(await records())).toBe(1);
      const late = await Promise.all([here(act, confirmation), there(act, confirmation)]);
      expect(kind.done(await records())).toBe(1);
      const all = [...answers, ...late];
      if (kind.keyed) {
        for (const { facts } of all) expect(facts).toEqual(all[0]?.facts);
      } else {
        expect(all.filter(({ isError }) => !isError)).toHaveLength(1);
        for (const { errorCode } of all.filter(({ isError }) => isError)) {
          expect(errorCode).toBe(refusal.errorCode);
        }
      }
    });

    it('ask one principal for another’s confirmation in vain', async () => {
      const { world, other, here } = await openTwo(config);
      const bob = await callerOf(other, world.newToken());
      const act = await actKind('api_keys.create').prepare(world.sandbox);
      expect(await bob(act, await confirmationOf(here, act))).toMatchObject(refusal);
      expect((await recordsBeside(world.folder)).api_keys).toEqual([]);
    });

    it('spend once where the answer was lost at one, and the other is asked again', async () => {
      const { world, here, there, records } = await openTwo({ ...config, confirm: 'never' });
      const kind = actKind('orders.archive.place');
      const act = await kind.prepare(world.sandbox);
      world.sandbox.inject({ on: act.operation, do: { lose_answer: true } });
      expect(await here(act)).toMatchObject({ isError: true, errorCode: 'unreachable' });
      expect(kind.done(await records())).toBe(1);
      expect(await there(act)).toMatchObject({ isError: false });
      expect(kind.done(await records())).toBe(1);
      // What became of it is known: this is another one.
      expect(await here(act)).toMatchObject({ isError: false });
      expect(kind.done(await records())).toBe(2);
    });

    it('spend once where both are asked at once', async () => {
      const { world, here, there, records } = await openTwo({ ...config, confirm: 'never' });
      const kind = actKind('orders.archive.place');
      const act = await kind.prepare(world.sandbox);
      // Both are under way until the API has answered the first of them.
      world.sandbox.inject({ on: act.operation, times: 2, do: { bytes_per_second: 20_000 } });
      const answers = await Promise.all([here(act), there(act)]);
      for (const { isError, facts } of answers) {
        expect({ isError, facts }).toEqual({ isError: false, facts: answers[0]?.facts });
      }
      expect(kind.done(await records())).toBe(1);
    });
  });

  it('keep in it neither a confirmation nor what was confirmed', async () => {
    const { world, here, there } = await openTwo({ ...AS_DELIVERED, stateless: true });
    const said: string[] = [];
    for (const kind of ACTS) {
      const act = await kind.prepare(world.sandbox);
      const confirmation = await confirmationOf(here, act);
      said.push(confirmation, confirmation.slice(0, 36), act.operation);
      const { facts } = await there(act, confirmation);
      for (const secret of [facts['key'], facts['token']]) {
        if (typeof secret === 'string') said.push(secret);
      }
    }
    const held = await dumpRedis(redis);
    expect(held).toContain(':consent:used:');
    for (const words of [...said, 'correct horse', world.sandbox.token]) {
      expect(held).not.toContain(words);
    }
  });

  it('do nothing while it is away', async () => {
    const own = await startRedis();
    try {
      const config = { ...AS_DELIVERED, redis: own.url, stateless: true };
      const world = await openHttpWorld({ config });
      const perform = await callerOf(world);
      const acts = await Promise.all(ACTS.map((kind) => kind.prepare(world.sandbox)));
      const confirmations = await Promise.all(acts.map((act) => confirmationOf(perform, act)));
      const before = await recordsBeside(world.folder);
      await own.kill();
      for (const [at, act] of acts.entries()) {
        for (const confirmation of [undefined, confirmations[at]]) {
          expect(await perform(act, confirmation)).toMatchObject({ isError: true });
        }
      }
      expect(await recordsBeside(world.folder)).toEqual(before);
    } finally {
      await own.close();
    }
  });
});

import { z } from 'zod';
import { keyDigest } from './key_digest.ts';
import type { SharedRedis } from './open_redis.ts';

/** KEYS spend; ARGV key seconds → the key of the spend that is open already, if there is one. */
const BEGIN = `
local open = redis.call('GET', KEYS[1])
if open then return open end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return false`;

const begun = z.string().nullable();

/** KEYS spend; ARGV key. */
const END = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;

/**
 * Which confirmations were used and which spends are open, as all replicas know it: a confirmation counts
 * once among them all, and a call that comes again to another one is still the same spend. Names are
 * digests, and what is kept is ids of ours. Everything throws `SharedStateAway`: then nothing is done.
 */
export function createSharedConsentRecords(redis: SharedRedis) {
  const spend = (name: string) => redis.key('consent', 'spend', keyDigest(name));
  return {
    async use(confirmationId: string, seconds: number): Promise<boolean> {
      const name = redis.key('consent', 'used', keyDigest(confirmationId));
      const expiration = { type: 'EX', value: seconds } as const;
      const set = await redis.run((client) =>
        client.set(name, '1', { condition: 'NX', expiration }),
      );
      return set !== null;
    },

    async openSpend(name: string): Promise<string | undefined> {
      return (await redis.run((client) => client.get(spend(name)))) ?? undefined;
    },

    async beginSpend(name: string, key: string, seconds: number) {
      const given = { keys: [spend(name)], arguments: [key, String(seconds)] };
      const open = begun.parse(await redis.run((client) => client.eval(BEGIN, given)));
      return { key: open ?? key, isFirst: open === null };
    },

    async endSpend(name: string, key: string): Promise<void> {
      const given = { keys: [spend(name)], arguments: [key] };
      await redis.run((client) => client.eval(END, given));
    },
  };
}

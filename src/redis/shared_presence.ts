import type { SharedPresence } from '../jobs/owner_presence.ts';
import { keyDigest } from './key_digest.ts';
import type { SharedRedis } from './open_redis.ts';

/** Where any replica has seen an owner, all know. */
export function createSharedPresence(redis: SharedRedis, goneAfterMs: number): SharedPresence {
  const key = (owner: string) => redis.key('seen', keyDigest(owner));
  return {
    tell: (owner) =>
      redis.run(async (client) => void (await client.set(key(owner), '1', { PX: goneAfterMs }))),
    isPresent: async (owner) => (await redis.run((client) => client.exists(key(owner)))) === 1,
  };
}

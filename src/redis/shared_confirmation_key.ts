import { randomBytes } from 'node:crypto';
import type { SharedRedis } from './open_redis.ts';

const KEY_BYTES = 32;

/**
 * The key by which replicas sign what a user is shown before it is done, so that each knows what another has
 * signed. Whoever can read it can read the sessions too.
 */
export async function sharedConfirmationKey(redis: SharedRedis): Promise<Uint8Array> {
  const name = redis.key('confirmation-key');
  const made = randomBytes(KEY_BYTES).toString('base64');
  const kept = await redis.run(async (client) => {
    await client.set(name, made, { condition: 'NX' });
    return client.get(name);
  });
  return Buffer.from(kept ?? made, 'base64');
}

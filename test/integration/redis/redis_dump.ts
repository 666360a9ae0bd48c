import { openRedis, type RedisClient } from '../../../src/redis/open_redis.ts';
import { systemClock } from '../../../src/transfer/clock.ts';
import type { RedisServer } from './redis_server.ts';

/** How what stands in a key is read, by the type that Redis tells. */
const READ_BY_TYPE: Readonly<
  Record<string, (client: RedisClient, key: string) => Promise<unknown>>
> = {
  string: (client, key) => client.get(key),
  hash: (client, key) => client.hGetAll(key),
  list: (client, key) => client.lRange(key, 0, -1),
  set: (client, key) => client.sMembers(key),
  zset: (client, key) => client.zRangeWithScores(key, 0, -1),
  stream: (client, key) => client.xRange(key, '-', '+'),
};

/** All that a Redis holds, keys and values, as whoever can read it sees it. */
export async function dumpRedis(server: RedisServer): Promise<string> {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const redis = await openRedis({ url: server.url, log: silent, clock: systemClock });
  try {
    return await redis.run(async (client) => {
      const held: string[] = [];
      for await (const keys of client.scanIterator()) {
        for (const key of keys) {
          const type = await client.type(key);
          // It may have expired meanwhile.
          if (type === 'none') continue;
          const read = READ_BY_TYPE[type];
          if (read === undefined) throw new Error(`a ${type} cannot be read here`);
          held.push(`${key} ${JSON.stringify(await read(client, key))}`);
        }
      }
      return held.join('\n');
    });
  } finally {
    await redis.close();
  }
}

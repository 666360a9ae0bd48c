import { z } from 'zod';
import type { SessionRecord, SessionRecords } from '../transports/http/session_records.ts';
import { keyDigest } from './key_digest.ts';
import type { SharedRedis } from './open_redis.ts';

/** A client says little of itself when it begins; one that says more is not remembered elsewhere. */
const MOST_CHARS = 64 * 1024;

const stored = z.object({ principal: z.string(), initialize: z.unknown() });

export interface SharedSessionRecordsOptions {
  readonly redis: SharedRedis;
  /** How long a session lives that nobody uses. */
  readonly idleMs: number;
}

/** Sessions of clients as all replicas know them: who opened each, by digest, and how. */
export function createSharedSessionRecords(options: SharedSessionRecordsOptions): SessionRecords {
  const { redis, idleMs } = options;
  // An id is what a client sends: it could be anything.
  const key = (id: string) => redis.key('session', keyDigest(id));
  /** A session that is not noted goes on where it is. */
  const quietly = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      () => undefined,
    );
  return {
    save(id, { principal, initialize }) {
      const text = JSON.stringify({ principal: keyDigest(principal), initialize });
      if (text.length > MOST_CHARS) return Promise.resolve();
      return quietly(redis.run((client) => client.set(key(id), text, { PX: idleMs })));
    },
    async find(id, principal) {
      const text = await redis.run((client) => client.get(key(id)));
      return recordOf(text, principal);
    },
    touch: (id) => quietly(redis.run((client) => client.pExpire(key(id), idleMs))),
    remove: (id) => quietly(redis.run((client) => client.del(key(id)))),
  };
}

function recordOf(text: string | null, principal: string): SessionRecord | undefined {
  if (text === null) return undefined;
  const { principal: digest, initialize } = stored.parse(JSON.parse(text));
  return digest === keyDigest(principal) ? { principal, initialize } : undefined;
}

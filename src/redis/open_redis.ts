import { createClient, ErrorReply } from '@redis/client';
import { SharedStateAway } from '../jobs/shared_state_away.ts';
import type { Clock } from '../transfer/clock.ts';
import type { WorkflowLog } from '../workflows/context.ts';

/** Before every key, so that others may use the same database. */
const PREFIX = 'geopera-mcp:';
const CONNECT_MS = 5_000;
/** How long a start waits for a server that does not answer. */
const FIRST_CONNECTION_MS = 10_000;
const LONGEST_PAUSE_MS = 2_000;
/** A connection on which nothing comes back is broken, whatever the network says. */
const PING_EVERY_MS = 3_000;
const SILENCE_MS = 3 * PING_EVERY_MS;

export interface RedisOptions {
  /** `redis://` or `rediss://`, with user and password where they are needed. */
  readonly url: string;
  readonly log: WorkflowLog;
  readonly clock: Clock;
  readonly prefix?: string;
}

export type RedisClient = ReturnType<typeof clientFor>;

/** A connection that comes back by itself. */
export interface SharedRedis {
  /** @param parts digests and words of ours alone: what others choose could name another's key */
  key(...parts: readonly string[]): string;
  /** Throws `SharedStateAway` if there is no answer now: nothing is queued for later. */
  run<T>(work: (client: RedisClient) => Promise<T>): Promise<T>;
  /** How long the connection has stood without a break, in milliseconds; 0 without one. */
  connectedFor(): number;
  /** Throws `SharedStateAway` unless the server answers. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Connects. Throws `SharedStateAway` if that does not succeed in time. */
export async function openRedis({
  url,
  log,
  clock,
  prefix = PREFIX,
}: RedisOptions): Promise<SharedRedis> {
  const client = clientFor(url);
  let connectedSince: number | undefined;
  let failed = false;
  let refused = false;

  client.on('ready', () => {
    connectedSince = clock.now();
    if (failed) log.info({}, 'Redis answers again');
    failed = false;
  });
  client.on('error', (error: unknown) => {
    connectedSince = undefined;
    // Each try to connect again fails too, and one line is enough.
    if (!failed) log.warn({ failure: wordsOf(error) }, 'Redis cannot be reached');
    failed = true;
  });
  await firstConnection(client, clock);

  async function run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      const answer = await work(client);
      refused = false;
      return answer;
    } catch (error) {
      if (error instanceof ErrorReply && !refused) {
        log.warn({ failure: wordsOf(error) }, 'Redis refuses commands');
        refused = true;
      }
      throw new SharedStateAway(wordsOf(error));
    }
  }

  return {
    key: (...parts) => prefix + parts.join(':'),
    run,
    connectedFor: () => (connectedSince === undefined ? 0 : clock.now() - connectedSince),
    check: () => run(async (it) => void (await it.ping())),
    async close() {
      if (client.isReady) await client.close().catch(() => client.destroy());
      else client.destroy();
    },
  };
}

/** @throws TypeError without a word of the address, which may hold a password */
function clientFor(url: string) {
  if (!/^rediss?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new TypeError('the address of Redis is no redis:// or rediss:// URL');
  }
  return createClient({
    url,
    // The older protocol is spoken by every server and proxy, and nothing here needs the newer one.
    RESP: 2,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    pingInterval: PING_EVERY_MS,
    socket: {
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      // Of many replicas not all come back at the same moment.
      reconnectStrategy: (retries) =>
        Math.min(100 * 2 ** retries, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2),
    },
  });
}

async function firstConnection(client: RedisClient, clock: Clock): Promise<void> {
  const connected = new AbortController();
  const timeUp = clock.wait(FIRST_CONNECTION_MS, connected.signal);
  try {
    await Promise.race([
      client.connect(),
      timeUp.then(() => Promise.reject(new Error('no answer'))),
    ]);
  } catch (error) {
    client.destroy();
    throw new SharedStateAway(wordsOf(error));
  } finally {
    connected.abort();
  }
}

/** The words alone: what else hangs on such an error may hold the address with its password. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

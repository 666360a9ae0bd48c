import { z } from 'zod';
import type { Clock } from '../transfer/clock.ts';
import type { WorkflowLog } from '../workflows/context.ts';
import type { DeadlineClaim, LinkName, LinkRecords } from '../workflows/link_records.ts';
import { keyDigest } from './key_digest.ts';
import { LINK_SCRIPTS } from './link_scripts.ts';
import type { SharedRedis } from './open_redis.ts';
import type { Replica } from './replica.ts';

/** How long a session is known past its deadline, for a replica whose clock is behind. */
const KEEP_MS = 60 * 60 * 1000;

export interface SharedLinkRecordsOptions {
  readonly redis: SharedRedis;
  readonly replica: Pick<Replica, 'onForgotten'>;
  /** Its times are compared with those of the other replicas. */
  readonly clock: Clock;
  readonly log: WorkflowLog;
}

const counted = z.tuple([z.number(), z.string()]);

/**
 * Sessions that wait for their files, as all replicas know them. Keys hold digests of the owner and the
 * upload id, and what is kept is times alone. While Redis is away each replica acts by what it knows.
 */
export function createSharedLinkRecords(options: SharedLinkRecordsOptions): LinkRecords {
  const { redis, replica, clock, log } = options;
  /** What this replica has told of, to be told anew to a Redis that has forgotten it. */
  const told = new Map<string, { readonly link: LinkName; readonly until: number }>();
  let away = false;

  const index = (owner: string) => redis.key('links', keyDigest(owner), 'index');
  const digestOf = ({ owner, uploadId }: LinkName) => keyDigest(owner, uploadId);
  const keysOf = (link: LinkName) => [
    redis.key('links', keyDigest(link.owner), 'link', digestOf(link)),
    index(link.owner),
  ];

  async function ask<T>(
    script: keyof typeof LINK_SCRIPTS,
    keys: readonly string[],
    args: readonly (string | number)[],
    read: (answer: unknown) => T,
    otherwise: T,
  ): Promise<T> {
    try {
      const given = { keys: [...keys], arguments: args.map(String) };
      const answer = await redis.run((client) => client.eval(LINK_SCRIPTS[script], given));
      away = false;
      return read(answer);
    } catch {
      if (!away) log.warn({}, 'upload links cannot be noted in Redis: each server knows its own');
      away = true;
      return otherwise;
    }
  }

  async function hold(link: LinkName, until: number, known: boolean): Promise<number | undefined> {
    const now = clock.now();
    const args = [digestOf(link), until, now, KEEP_MS, known ? 1 : 0];
    const held = await ask('hold', keysOf(link), args, timeOf, known ? undefined : until);
    for (const [digest, { until: end }] of told) if (end <= now) told.delete(digest);
    if (held !== undefined) told.set(digestOf(link), { link, until: held });
    return held;
  }

  replica.onForgotten(() => {
    for (const { link, until } of [...told.values()]) void hold(link, until, false);
  });

  return {
    async held(link, until) {
      await hold(link, until, false);
    },
    extend: (link, until) => hold(link, until, true),
    async finished(link) {
      told.delete(digestOf(link));
      await ask('finish', keysOf(link), [digestOf(link)], () => undefined, undefined);
    },
    count: (owner) =>
      ask(
        'count',
        [index(owner)],
        [clock.now()],
        (answer) => {
          const [open, first] = counted.parse(answer);
          return { open, firstEndsAt: timeOf(first) };
        },
        undefined,
      ),
    async claimDeadline(link) {
      const args = [digestOf(link), clock.now()];
      const claim = await ask('claimDeadline', keysOf(link), args, claimOf, 'mine');
      if (typeof claim === 'string') told.delete(digestOf(link));
      return claim;
    },
  };
}

function timeOf(answer: unknown): number | undefined {
  return answer === '' ? undefined : z.coerce.number().parse(answer);
}

function claimOf(answer: unknown): DeadlineClaim {
  if (answer === 'mine' || answer === 'finished') return answer;
  return { later: z.coerce.number().parse(answer) };
}

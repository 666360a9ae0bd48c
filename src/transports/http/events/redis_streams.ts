import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { NewEvent } from './session_events.ts';

/** As much as is needed of a Redis client (package `@redis/client`). */
interface StreamCommands {
  xAdd(
    key: string,
    id: string,
    fields: Record<string, string>,
    options: {
      TRIM: { strategy: 'MAXLEN'; strategyModifier: '~'; threshold: number };
    },
  ): Promise<unknown>;
  xRange(key: string, start: string, end: string, options: { COUNT: number }): Promise<unknown>;
  pExpire(key: string, ms: number): Promise<number>;
  set(key: string, value: string, options: { PX: number }): Promise<unknown>;
  exists(key: string): Promise<number>;
  unlink(keys: string[]): Promise<number>;
}

/** As much as is needed of a connection to Redis that comes back by itself. */
export interface EventRedis {
  key(...parts: readonly string[]): string;
  /** Throws `SharedStateAway` if there is no answer now. */
  run<T>(work: (client: StreamCommands) => Promise<T>): Promise<T>;
}

/** Of one stream; the oldest go first. */
const MOST_EVENTS = 1_000;

/** What one event is in Redis. */
export interface StreamEntry extends Pick<NewEvent, 'data' | 'unanswered' | 'last'> {
  readonly position: StreamPosition;
  /** Who answers the stream. */
  readonly replica: string;
}

/** Counted by whoever writes a stream, so that an event has its id also while Redis is away. */
export interface StreamPosition {
  /** When its writer began with the stream, in epoch milliseconds: later writers count on behind it. */
  readonly begun: number;
  /** From 1. */
  readonly count: number;
}

const POSITION = /^(\d{1,15})-(\d{1,15})$/;

/** Of the same form as Redis's own ids of entries, and used as such. */
export function positionText({ begun, count }: StreamPosition): string {
  return `${begun}-${count}`;
}

export function parsePosition(text: string): StreamPosition | undefined {
  const [, begun, count] = POSITION.exec(text) ?? [];
  if (begun === undefined || count === undefined) return undefined;
  return { begun: Number(begun), count: Number(count) };
}

export function nextPosition({ begun, count }: StreamPosition): StreamPosition {
  return { begun, count: count + 1 };
}

export function isSame(one: StreamPosition, other: StreamPosition): boolean {
  return one.begun === other.begun && one.count === other.count;
}

/** Whether no event can be missing between the two. */
export function isNext(after: StreamPosition, before: StreamPosition): boolean {
  return after.begun === before.begun ? after.count === before.count + 1 : after.count === 1;
}

const RequestIds = z.array(z.union([z.string(), z.number()]));

const Entries = z.array(
  z.object({
    id: z.string().transform((text, context): StreamPosition => {
      const position = parsePosition(text);
      if (position !== undefined) return position;
      context.addIssue({ code: z.ZodIssueCode.custom, message: 'not a position' });
      return z.NEVER;
    }),
    message: z.object({
      data: z.string(),
      unanswered: z.string().transform((text): RequestId[] => RequestIds.parse(JSON.parse(text))),
      last: z.enum(['0', '1']).transform((flag) => flag === '1'),
      replica: z.string(),
    }),
  }),
);

/** Appends an event, and has the whole stream expire so long after it. Doing it again changes nothing. */
export function append(
  redis: EventRedis,
  key: string,
  { position, data, unanswered, last, replica }: StreamEntry,
  expireMs: number,
): Promise<void> {
  const fields = {
    data,
    unanswered: JSON.stringify(unanswered),
    last: last ? '1' : '0',
    replica,
  };
  const TRIM = { strategy: 'MAXLEN', strategyModifier: '~', threshold: MOST_EVENTS } as const;
  return redis.run(async (client) => {
    const added = client.xAdd(key, positionText(position), fields, { TRIM }).catch(unlessThere);
    // In the same write: a connection that breaks must not leave a stream that never expires.
    await Promise.all([added, client.pExpire(key, expireMs)]);
  });
}

/** The event at a position, if it is kept, and what follows it. */
export function readFrom(
  redis: EventRedis,
  key: string,
  from: StreamPosition,
  most: number,
): Promise<StreamEntry[]> {
  return redis.run(async (client) => {
    const reply = await client.xRange(key, positionText(from), '+', { COUNT: most });
    return Entries.parse(reply).map(({ id, message }) => ({ position: id, ...message }));
  });
}

/** What Redis says of an entry that is there already, or is behind one that is. */
function unlessThere(error: unknown): void {
  if (!(error instanceof Error && error.message.includes('equal or smaller'))) throw error;
}

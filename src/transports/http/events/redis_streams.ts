import { z } from 'zod';
import { SealedEntries } from './sealed_entries.ts';
import type { NewEvent } from './session_events.ts';
import { isSame, parsePosition, positionText, type StreamPosition } from './stream_position.ts';

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
  xRevRange(key: string, end: string, start: string, options: { COUNT: number }): Promise<unknown>;
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

const rawEntries = z.array(
  z.object({
    id: z.string().transform((text, context): StreamPosition => {
      const position = parsePosition(text);
      if (position !== undefined) return position;
      context.addIssue({ code: z.ZodIssueCode.custom, message: 'not a position' });
      return z.NEVER;
    }),
    message: z.object({ sealed: z.string() }).catch({ sealed: '' }),
  }),
);

type RawEntry = z.output<typeof rawEntries>[number];

const contents = z.object({
  data: z.string(),
  unanswered: z.array(z.union([z.string(), z.number()])),
  last: z.boolean(),
  replica: z.string(),
});

/** The streams of one session in Redis, whose entries only those can read who know the session's id. */
export class RedisStreams {
  readonly #redis: EventRedis;
  readonly #entries: SealedEntries;

  constructor(redis: EventRedis, sessionId: string) {
    this.#redis = redis;
    this.#entries = new SealedEntries(sessionId);
  }

  /**
   * Appends an event, and has the whole stream expire so long after it. Doing it again changes nothing.
   *
   * @returns false where that position is taken already, or is behind one that is
   */
  append(key: string, entry: StreamEntry, expireMs: number): Promise<boolean> {
    const { position, ...content } = entry;
    const place = placeOf(key, position);
    const fields = { sealed: this.#entries.seal(JSON.stringify(content), place) };
    const TRIM = { strategy: 'MAXLEN', strategyModifier: '~', threshold: MOST_EVENTS } as const;
    return this.#redis.run(async (client) => {
      const adding = client.xAdd(key, positionText(position), fields, { TRIM });
      // In the same write: a connection that breaks must not leave a stream that never expires.
      const [isAdded] = await Promise.all([
        adding.then(() => true, falseIfTaken),
        client.pExpire(key, expireMs),
      ]);
      return isAdded;
    });
  }

  /**
   * Appends an event behind all others, wherever their writers' clocks stood. What an earlier try stored
   * at that position is not stored again, and a stream that is over stays as it is.
   *
   * @returns where it stands: elsewhere than it was to, if another writer was ahead
   */
  async appendBehind(key: string, entry: StreamEntry, expireMs: number): Promise<StreamPosition> {
    let { position } = entry;
    while (!(await this.append(key, { ...entry, position }, expireMs))) {
      const [there] = await this.readFrom(key, position, 1);
      const isOurs = there?.replica === entry.replica && isSame(there.position, position);
      const newest = isOurs ? undefined : await this.#newest(key);
      if (newest === undefined || this.#open(key, newest)?.last) return position;
      position = { begun: newest.id.begun + 1, count: 1 };
    }
    return position;
  }

  /**
   * The event at a position, if it is kept, and what follows it; undefined for each that does not open, or
   * is of another version.
   */
  async readFrom(
    key: string,
    from: StreamPosition,
    most: number,
  ): Promise<(StreamEntry | undefined)[]> {
    const entries = await this.#redis.run(async (client) =>
      rawEntries.parse(await client.xRange(key, positionText(from), '+', { COUNT: most })),
    );
    return entries.map((entry) => this.#open(key, entry));
  }

  #newest(key: string): Promise<RawEntry | undefined> {
    return this.#redis.run(async (client) => {
      const [newest] = rawEntries.parse(await client.xRevRange(key, '+', '-', { COUNT: 1 }));
      return newest;
    });
  }

  #open(key: string, { id: position, message }: RawEntry): StreamEntry | undefined {
    const text = this.#entries.open(message.sealed, placeOf(key, position));
    if (text === undefined) return undefined;
    const { data: content } = contents.safeParse(JSON.parse(text));
    return content && { position, ...content };
  }
}

function placeOf(key: string, position: StreamPosition): string {
  return `${key} ${positionText(position)}`;
}

/** What Redis says of an entry that is there already, or is behind one that is. */
function falseIfTaken(error: unknown): false {
  if (error instanceof Error && error.message.includes('equal or smaller')) return false;
  throw error;
}

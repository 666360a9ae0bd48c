import type { Clock } from '../../../transfer/clock.ts';
import { EventIds } from './event_ids.ts';
import { lostCalls } from './lost_calls.ts';
import { type EventsNotKept, OrderedAppends } from './ordered_appends.ts';
import { type EventRedis, RedisStreams, type StreamEntry } from './redis_streams.ts';
import {
  EventsGone,
  type NewEvent,
  type ResumedStream,
  type SessionEvents,
  type StreamEvent,
} from './session_events.ts';
import {
  isNext,
  isSame,
  parsePosition,
  positionText,
  type StreamPosition,
} from './stream_position.ts';
import { WrittenStreams } from './written_streams.ts';

/** How often a stream is looked at for more. */
const POLL_MS = 250;
const POLL_EVENTS = 16;
/** How often a quiet stream's server is looked at, and told that the stream is followed. */
const LOOK_MS = 2_000;
/** For so long it counts as followed after it was last told. */
const FOLLOWED_MS = 5 * LOOK_MS;
/** Longer than any call is quiet. */
const OPEN_STREAM_MS = 24 * 60 * 60 * 1000;
/** A client has the answer, or comes back for it within minutes. */
const OVER_STREAM_MS = 5 * 60 * 1000;

/** The processes that serve the same sessions. */
export interface EventReplicas {
  /** Of this process. */
  readonly id: string;
  /** Certainly gone; may throw where that cannot be told now. */
  isGone(replicaId: string): Promise<boolean>;
}

export interface RedisEventsOptions {
  readonly sessionId: string;
  readonly redis: EventRedis;
  readonly replicas: EventReplicas;
  readonly clock: Clock;
  /** How long a session lives that nobody uses: a stream that is over is kept no longer. */
  readonly keptMs: number;
  /** Called once for each time that Redis is away. */
  warn(error: EventsNotKept): void;
}

/** Events of a session whose client may come back to another server; each stream is one of Redis's. */
export class RedisEvents implements SessionEvents {
  readonly #options: RedisEventsOptions;
  readonly #ids: EventIds;
  readonly #streams: RedisStreams;
  readonly #appends: OrderedAppends;
  readonly #written: WrittenStreams;
  readonly #overMs: number;

  constructor(options: RedisEventsOptions) {
    this.#options = options;
    this.#ids = new EventIds(options.sessionId);
    this.#streams = new RedisStreams(options.redis, options.sessionId);
    this.#appends = new OrderedAppends({ ...options, streams: this.#streams });
    this.#written = new WrittenStreams(options.clock.now);
    this.#overMs = Math.min(OVER_STREAM_MS, options.keptMs);
  }

  async store(event: NewEvent): Promise<string> {
    const { streamId, data, unanswered, last } = event;
    const replica = this.#options.replicas.id;
    const wanted = this.#written.count(event);
    const position = await this.#appends.add({
      key: this.#key(streamId),
      entry: { data, unanswered, last, position: wanted, replica },
      expireMs: last ? this.#overMs : OPEN_STREAM_MS,
    });
    if (last) void this.#unlink(this.#written.end(streamId));
    else if (!isSame(position, wanted)) this.#written.goOnBehind(streamId, position);
    return this.#ids.write({ streamId, position: positionText(position) });
  }

  async resume(lastEventId: string): Promise<ResumedStream> {
    const { streamId, position: text } = this.#ids.read(lastEventId) ?? {};
    const had = parsePosition(text ?? '');
    if (streamId === undefined || had === undefined) throw new EventsGone();
    const kept = (await this.#streams.readFrom(this.#key(streamId), had, 2)).map(unlessGone);
    const [first] = kept;
    const next = kept.find(({ position }) => !isSame(position, had));
    // Something between may also be missing because it could not be kept.
    if (first === undefined || (next !== undefined && !isNext(next.position, had))) {
      throw new EventsGone();
    }
    return {
      streamId,
      over: next === undefined ? first.last : next.last && next.data === '',
      follow: (signal) => this.#follow(streamId, had, first, signal),
    };
  }

  isFollowedElsewhere(streamId: string): Promise<boolean> {
    const { redis } = this.#options;
    const key = this.#followedKey(streamId);
    return redis.run(async (client) => (await client.exists(key)) > 0).catch(() => false);
  }

  async leave(): Promise<void> {
    // It is there for whoever knows the session.
  }

  async close(): Promise<void> {
    this.#appends.close();
    await this.#unlink(this.#written.forget());
  }

  /** @param newest that is known of the stream: what the client had, or the first after it */
  async *#follow(
    streamId: string,
    had: StreamPosition,
    newest: StreamEntry,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent, void, undefined> {
    const { clock } = this.#options;
    const key = this.#key(streamId);
    let seen = had;
    let known = newest;
    let lookedAt = Number.NEGATIVE_INFINITY;
    for (;;) {
      const entries = await this.#after(key, seen);
      for (const kept of entries) {
        const entry = unlessGone(kept);
        const { position, data, last } = entry;
        if (!isNext(position, seen)) throw new EventsGone();
        seen = position;
        known = entry;
        if (data !== '') {
          yield { id: this.#ids.write({ streamId, position: positionText(position) }), data };
        }
        if (last) return;
      }
      if (entries.length > 0) continue;
      if (clock.now() - lookedAt >= LOOK_MS) {
        lookedAt = clock.now();
        if (!(await this.#keepFollowed(streamId))) return;
        if (await this.#isGone(known.replica)) await this.#endLost(key, known);
      }
      await clock.wait(POLL_MS, signal);
    }
  }

  /** Nothing while Redis is away: the stream goes on when it is back. */
  #after(key: string, seen: StreamPosition): Promise<(StreamEntry | undefined)[]> {
    const from = { ...seen, count: seen.count + 1 };
    return this.#streams.readFrom(key, from, POLL_EVENTS).catch(() => []);
  }

  /** @returns false if the stream is no more, as after the end of its session */
  async #keepFollowed(streamId: string): Promise<boolean> {
    const kept = this.#options.redis.run(async (client) => {
      const [there] = await Promise.all([
        client.exists(this.#key(streamId)),
        client.set(this.#followedKey(streamId), '1', { PX: FOLLOWED_MS }),
      ]);
      return there > 0;
    });
    return kept.catch(() => true);
  }

  async #isGone(replica: string): Promise<boolean> {
    const { replicas } = this.#options;
    return replica !== replicas.id && (await replicas.isGone(replica).catch(() => false));
  }

  /**
   * In the stream itself: whoever else follows it reads the same. What the server wrote until it went
   * has these positions already, and stays.
   */
  async #endLost(key: string, newest: StreamEntry): Promise<void> {
    for (const entry of lostCalls(newest)) {
      await this.#streams.append(key, entry, this.#overMs).catch(() => undefined);
    }
  }

  async #unlink(streamIds: readonly string[]): Promise<void> {
    if (streamIds.length === 0) return;
    const keys = streamIds.map((id) => this.#key(id));
    // They expire anyway.
    await this.#options.redis.run((client) => client.unlink(keys)).catch(() => undefined);
  }

  #key(streamId: string): string {
    return this.#options.redis.key('events', this.#ids.session, streamId);
  }

  #followedKey(streamId: string): string {
    return this.#options.redis.key('followed', this.#ids.session, streamId);
  }
}

/** One that does not open was not sealed by this session, or was moved: no client must see it. */
function unlessGone(entry: StreamEntry | undefined): StreamEntry {
  if (entry === undefined) throw new EventsGone();
  return entry;
}

import { EventEmitter, once } from 'node:events';
import { EventIds } from './event_ids.ts';
import { type EventHolder, EventMemory } from './event_memory.ts';
import {
  EventsGone,
  type NewEvent,
  type ResumedStream,
  type SessionEvents,
  type StreamEvent,
} from './session_events.ts';

/** How much of one session is kept; the newest event always is. */
export interface MemoryBounds {
  readonly events: number;
  /** Of messages as JSON. */
  readonly bytes: number;
}

const BOUNDS: MemoryBounds = { events: 1_000, bytes: 4 * 1024 * 1024 };

const POSITION = /^\d{1,15}$/;

interface KeptEvent extends StreamEvent {
  /** Counted over the session. */
  readonly position: number;
  readonly bytes: number;
}

interface KeptStream {
  readonly id: string;
  readonly kept: KeptEvent[];
  /** Up to this position nothing of the stream is kept. */
  droppedTo: number;
  over: boolean;
  /** Made for the first who follows it, which few streams ever have. */
  news: EventEmitter | undefined;
}

/** Events of a session that one process serves. */
export class MemoryEvents implements SessionEvents, EventHolder {
  readonly #ids: EventIds;
  readonly #bounds: MemoryBounds;
  readonly #memory: EventMemory;
  readonly #streams = new Map<string, KeptStream>();
  /** Whose the kept events are, the oldest first. */
  readonly #order: KeptStream[] = [];
  #position = 0;
  #bytes = 0;

  /** @param memory of all sessions together */
  constructor(sessionId: string, bounds = BOUNDS, memory = new EventMemory()) {
    this.#ids = new EventIds(sessionId);
    this.#bounds = bounds;
    this.#memory = memory;
  }

  async store({ streamId, data, last }: NewEvent): Promise<string> {
    const stream = this.#stream(streamId);
    this.#position += 1;
    const position = this.#position;
    const id = this.#ids.write({ streamId, position: String(position) });
    const bytes = Buffer.byteLength(data);
    stream.kept.push({ id, data, position, bytes });
    stream.over = last;
    this.#order.push(stream);
    this.#bytes += bytes;
    this.#memory.took(this, bytes);
    this.#dropBeyond();
    stream.news?.emit('more');
    return id;
  }

  async resume(lastEventId: string): Promise<ResumedStream> {
    const place = this.#ids.read(lastEventId);
    if (place === undefined || !POSITION.test(place.position)) throw new EventsGone();
    const stream = this.#streams.get(place.streamId);
    const after = Number(place.position);
    if (stream === undefined || after < stream.droppedTo || after > this.#position) {
      throw new EventsGone();
    }
    return {
      streamId: stream.id,
      over: stream.over && !stream.kept.some((it) => it.position > after && it.data !== ''),
      follow: (signal) => follow(stream, after, signal),
    };
  }

  /** There is no other server. */
  async isFollowedElsewhere(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams.values()) {
      stream.kept.length = 0;
      stream.over = true;
      stream.news?.emit('more');
    }
    this.#streams.clear();
    this.#order.length = 0;
    this.#memory.gave(this, this.#bytes);
    this.#bytes = 0;
  }

  /** There is no other process. */
  leave(): Promise<void> {
    return this.close();
  }

  #stream(id: string): KeptStream {
    const known = this.#streams.get(id);
    if (known !== undefined) return known;
    const droppedTo = this.#position;
    const stream: KeptStream = { id, kept: [], droppedTo, over: false, news: undefined };
    this.#streams.set(id, stream);
    return stream;
  }

  dropOldest(): number {
    // The newest stays: what follows it is known to come after it.
    const stream = this.#order.length > 1 ? this.#order.shift() : undefined;
    const dropped = stream?.kept.shift();
    if (stream === undefined || dropped === undefined) return 0;
    this.#bytes -= dropped.bytes;
    this.#memory.gave(this, dropped.bytes);
    stream.droppedTo = dropped.position;
    // One of which nothing is kept may still get its answer, but not without limit of their number.
    const crowded = this.#streams.size > this.#bounds.events;
    if (stream.kept.length === 0 && (stream.over || crowded)) this.#streams.delete(stream.id);
    // An event may be without bytes, and is something given up all the same.
    return Math.max(1, dropped.bytes);
  }

  #dropBeyond(): void {
    const { events, bytes } = this.#bounds;
    while (this.#order.length > events || this.#bytes > bytes) {
      if (this.dropOldest() === 0) return;
    }
  }
}

async function* follow(
  stream: KeptStream,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void, undefined> {
  let seen = after;
  for (;;) {
    if (seen < stream.droppedTo) throw new EventsGone();
    const next = nextAfter(seen, stream);
    if (next !== undefined) {
      seen = next.position;
      if (next.data !== '') yield next;
    } else if (stream.over) return;
    else await more(stream, signal);
  }
}

async function more(stream: KeptStream, signal: AbortSignal): Promise<void> {
  stream.news ??= new EventEmitter().setMaxListeners(0);
  await once(stream.news, 'more', { signal });
}

function nextAfter(seen: number, { kept }: KeptStream): KeptEvent | undefined {
  return kept.find(({ position }) => position > seen);
}

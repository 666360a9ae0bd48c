import type { Clock } from '../../../transfer/clock.ts';
import type { RedisStreams, StreamEntry } from './redis_streams.ts';
import type { StreamPosition } from './stream_position.ts';

/** Nobody's answer waits longer than this for Redis. */
const MOST_WAIT_MS = 1_000;
const RETRY_MS = 1_000;
/** What is kept for the time when Redis is back; the oldest go first. */
const MOST_EVENTS = 1_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** Events of answers could not be kept; they went out all the same to whoever is connected. */
export class EventsNotKept extends Error {
  override readonly name = 'EventsNotKept';

  constructor(cause: unknown) {
    super('answers cannot be kept now: a client that loses its connection may miss some', {
      cause,
    });
  }
}

export interface Append {
  readonly key: string;
  readonly entry: StreamEntry;
  readonly expireMs: number;
}

interface Waiting extends Append {
  /** It is stored, or has to wait until Redis is back. */
  settle(position: StreamPosition): void;
}

export interface OrderedAppendsOptions {
  readonly streams: RedisStreams;
  readonly clock: Clock;
  /** Called once for each time that Redis is away. */
  warn(error: EventsNotKept): void;
}

/** Appends the events of one session in their order, each as often as it takes. */
export class OrderedAppends {
  readonly #options: OrderedAppendsOptions;
  readonly #waiting: Waiting[] = [];
  readonly #closed = new AbortController();
  #bytes = 0;
  #running = false;
  #away = false;

  constructor(options: OrderedAppendsOptions) {
    this.#options = options;
  }

  /**
   * Resolves once it is stored, or after a second at most; at once while Redis is away.
   *
   * @returns where it stands, or is to stand as far as is known by then
   */
  async add(wanted: Append): Promise<StreamPosition> {
    const { position } = wanted.entry;
    if (this.#closed.signal.aborted) return position;
    const settled = new Promise<StreamPosition>((settle) => {
      this.#waiting.push({ ...wanted, settle });
    });
    this.#bytes += sizeOf(wanted);
    while (this.#waiting.length > MOST_EVENTS || this.#bytes > MOST_BYTES) {
      const [oldest] = this.#waiting;
      if (oldest === undefined) break;
      this.#remove(oldest);
    }
    if (!this.#running) void this.#run();
    if (this.#away) return position;
    const inTime = new AbortController();
    const timeUp = this.#options.clock.wait(MOST_WAIT_MS, inTime.signal);
    const stored = await Promise.race([settled, timeUp]);
    timeUp.catch(() => undefined);
    inTime.abort();
    return stored ?? position;
  }

  close(): void {
    this.#closed.abort();
    for (const { settle, entry } of this.#waiting.splice(0)) settle(entry.position);
  }

  async #run(): Promise<void> {
    const { streams, clock, warn } = this.#options;
    this.#running = true;
    for (let [oldest] = this.#waiting; oldest !== undefined; [oldest] = this.#waiting) {
      try {
        const { key, entry, expireMs } = oldest;
        const position = await streams.appendBehind(key, entry, expireMs);
        this.#away = false;
        oldest.settle(position);
        this.#remove(oldest);
      } catch (error) {
        if (!this.#away) warn(new EventsNotKept(error));
        this.#away = true;
        for (const { settle, entry } of this.#waiting) settle(entry.position);
        // Rejects only when all is closed: then nothing waits.
        await clock.wait(RETRY_MS, this.#closed.signal).catch(() => undefined);
      }
    }
    this.#running = false;
  }

  #remove(append: Waiting): void {
    append.settle(append.entry.position);
    const at = this.#waiting.indexOf(append);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    this.#bytes -= sizeOf(append);
  }
}

function sizeOf({ entry }: Append): number {
  return Buffer.byteLength(entry.data);
}

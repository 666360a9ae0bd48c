import type { Clock } from '../../../transfer/clock.ts';
import type { RedisStreams, StreamEntry } from './redis_streams.ts';

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
  settle(): void;
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

  /** Resolves once it is stored, or after a second at most; at once while Redis is away. */
  async add(wanted: Append): Promise<void> {
    if (this.#closed.signal.aborted) return;
    const settled = new Promise<void>((settle) => {
      this.#waiting.push({ ...wanted, settle });
    });
    this.#bytes += sizeOf(wanted);
    while (this.#waiting.length > MOST_EVENTS || this.#bytes > MOST_BYTES) {
      const [oldest] = this.#waiting;
      if (oldest === undefined) break;
      this.#remove(oldest);
    }
    if (!this.#running) void this.#run();
    if (this.#away) return;
    const inTime = new AbortController();
    const timeUp = this.#options.clock.wait(MOST_WAIT_MS, inTime.signal);
    await Promise.race([settled, timeUp]);
    timeUp.catch(() => undefined);
    inTime.abort();
  }

  close(): void {
    this.#closed.abort();
    for (const { settle } of this.#waiting.splice(0)) settle();
  }

  async #run(): Promise<void> {
    const { streams, clock, warn } = this.#options;
    this.#running = true;
    for (let [oldest] = this.#waiting; oldest !== undefined; [oldest] = this.#waiting) {
      try {
        await streams.append(oldest.key, oldest.entry, oldest.expireMs);
        this.#away = false;
        this.#remove(oldest);
      } catch (error) {
        if (!this.#away) warn(new EventsNotKept(error));
        this.#away = true;
        for (const { settle } of this.#waiting) settle();
        // Rejects only when all is closed: then nothing waits.
        await clock.wait(RETRY_MS, this.#closed.signal).catch(() => undefined);
      }
    }
    this.#running = false;
  }

  #remove(append: Waiting): void {
    append.settle();
    const at = this.#waiting.indexOf(append);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    this.#bytes -= sizeOf(append);
  }
}

function sizeOf({ entry }: Append): number {
  return Buffer.byteLength(entry.data);
}

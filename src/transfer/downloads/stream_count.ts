/** What the streams of a download did up to now. */
export interface StreamSample {
  /** Milliseconds. */
  readonly now: number;
  /** Bytes that came since the download began, over all streams. */
  readonly bytes: number;
  /** Streams that bytes are coming over. */
  readonly delivering: number;
  /** Share of the time since the last sample in which this thread was busy, 0 to 1. */
  readonly busy: number;
  /** Bytes still to come. */
  readonly remaining: number;
}

interface Level {
  readonly streams: number;
  /** How long its rate is measured, from the moment when all its streams deliver. */
  readonly windowMs: number;
  /** How much faster than the level below it has to be, or that one was better. */
  readonly gain: number;
}

const LEVELS: readonly Level[] = [
  { streams: 1, windowMs: 60, gain: 0 },
  { streams: 4, windowMs: 100, gain: 1.3 },
  { streams: 8, windowMs: 1_000, gain: 1.15 },
];

/** A thread as busy as this is the limit itself; more streams would only give it more to do. */
const BUSY = 0.75;
/** A window is at least so many times what the first answer took: rates start slowly on a long way. */
const ROUND_TRIPS = 4;

/**
 * How many streams a download uses: one, then more while that makes it faster. Servers that give each
 * connection its share are that much faster with eight; a line that is full is not.
 */
export class StreamCount {
  readonly #roundTripMs: number;
  readonly #leastBytes: number;
  #level: Level = { streams: 1, windowMs: 0, gain: 0 };
  #index = 0;
  #rateBelow = 0;
  #window: { readonly since: number; readonly bytes: number } | undefined;
  #settled = false;

  /**
   * @param roundTripMs from the first request to its answer
   * @param leastBytes with less to come, more streams would not get going before the end
   */
  constructor(roundTripMs: number, leastBytes: number) {
    this.#roundTripMs = roundTripMs;
    this.#leastBytes = leastBytes;
    this.#enter(0);
  }

  /** True when the count will not change any more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** How many streams there should be from now on. */
  next(sample: StreamSample): number {
    if (this.#settled || sample.delivering < this.#level.streams) return this.#level.streams;
    this.#window ??= { since: sample.now, bytes: sample.bytes };
    const elapsed = sample.now - this.#window.since;
    if (elapsed < Math.max(this.#level.windowMs, ROUND_TRIPS * this.#roundTripMs)) {
      return this.#level.streams;
    }
    this.#judge((sample.bytes - this.#window.bytes) / elapsed, sample);
    return this.#level.streams;
  }

  /** A stream could not be had, or was told to slow down: no more than those that are left. */
  lost(left: number): void {
    this.#settled = true;
    this.#level = { ...this.#level, streams: Math.max(1, left) };
  }

  #judge(rate: number, { busy, remaining }: StreamSample): void {
    if (rate < this.#rateBelow * this.#level.gain) {
      this.#settled = true;
      this.#enter(this.#index - 1);
      return;
    }
    const isLast = this.#index === LEVELS.length - 1;
    if (isLast || busy > BUSY || remaining < this.#leastBytes) {
      this.#settled = true;
      return;
    }
    this.#rateBelow = rate;
    this.#enter(this.#index + 1);
  }

  #enter(index: number): void {
    this.#index = index;
    this.#level = LEVELS[index] ?? this.#level;
    this.#window = undefined;
  }
}

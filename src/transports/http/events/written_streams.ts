import type { NewEvent } from './session_events.ts';
import { nextPosition, type StreamPosition } from './stream_position.ts';

/** Streams that are over are kept for so many calls, and for so many bytes of messages as JSON. */
const MOST_OVER = 100;
const MOST_OVER_BYTES = 4 * 1024 * 1024;
/** Open ones are remembered. */
const MOST_OPEN = 1_000;

interface OpenStream {
  /** Of its newest event. */
  readonly position: StreamPosition;
  readonly bytes: number;
}

interface OverStream {
  readonly streamId: string;
  readonly bytes: number;
}

/** The streams of one session that this process writes: where each stands, and which are too many. */
export class WrittenStreams {
  readonly #now: () => number;
  readonly #open = new Map<string, OpenStream>();
  /** The oldest first. */
  readonly #over: OverStream[] = [];
  #overBytes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns where the event shall stand */
  count({ streamId, data }: NewEvent): StreamPosition {
    const known = this.#open.get(streamId) ?? {
      position: { begun: this.#now(), count: 0 },
      bytes: 0,
    };
    const position = nextPosition(known.position);
    this.#open.set(streamId, { position, bytes: known.bytes + Buffer.byteLength(data) });
    // Calls that were cancelled stay without an answer. Those still open are counted anew.
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest);
    return position;
  }

  /** The next event of an open stream shall stand behind this position. */
  goOnBehind(streamId: string, position: StreamPosition): void {
    const known = this.#open.get(streamId);
    if (known !== undefined) this.#open.set(streamId, { ...known, position });
  }

  /** @returns the streams that are not to be kept any longer; the newest always is */
  end(streamId: string): string[] {
    const bytes = this.#open.get(streamId)?.bytes ?? 0;
    this.#open.delete(streamId);
    this.#over.push({ streamId, bytes });
    this.#overBytes += bytes;
    const dropped: string[] = [];
    while (this.#over.length > MOST_OVER || this.#overBytes > MOST_OVER_BYTES) {
      const oldest = this.#over.length > 1 ? this.#over.shift() : undefined;
      if (oldest === undefined) break;
      this.#overBytes -= oldest.bytes;
      dropped.push(oldest.streamId);
    }
    return dropped;
  }

  /** @returns all that are known */
  forget(): string[] {
    const known = [...this.#open.keys(), ...this.#over.splice(0).map(({ streamId }) => streamId)];
    this.#open.clear();
    this.#overBytes = 0;
    return known;
  }
}

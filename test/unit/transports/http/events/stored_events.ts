import type {
  NewEvent,
  ResumedStream,
  StreamEvent,
} from '../../../../../src/transports/http/events/session_events.ts';

export const STREAM = 'stream';

/** An event in the midst of a stream that answers request 1. */
export function event(data: string, more: Partial<NewEvent> = {}): NewEvent {
  return { streamId: STREAM, data: JSON.stringify(data), unanswered: [1], last: false, ...more };
}

/** The event that ends such a stream. */
export function lastEvent(data: string, more: Partial<NewEvent> = {}): NewEvent {
  return event(data, { unanswered: [], last: true, ...more });
}

/** What the SDK has stored so that a client has an id to come back with. */
export function primingEvent(more: Partial<NewEvent> = {}): NewEvent {
  return event('', { ...more, data: '' });
}

function dataOf(events: readonly StreamEvent[]): unknown[] {
  return events.map(({ data }) => JSON.parse(data));
}

/** Follows a stream, as a client does that reads all that comes. */
export class Reader {
  readonly events: StreamEvent[] = [];
  /** How it ended: undefined for the end of the stream. */
  readonly ended: Promise<unknown>;
  readonly #left = new AbortController();
  #wake: () => void = () => undefined;

  constructor(stream: ResumedStream) {
    this.ended = this.#read(stream).catch((error: unknown) => error);
  }

  leave(): void {
    this.#left.abort();
  }

  /** Resolves with what came once it is so many events. */
  async until(count: number): Promise<unknown[]> {
    while (this.events.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return dataOf(this.events);
  }

  async #read(stream: ResumedStream): Promise<void> {
    for await (const { id, data } of stream.follow(this.#left.signal)) {
      this.events.push({ id, data });
      this.#wake();
    }
  }
}

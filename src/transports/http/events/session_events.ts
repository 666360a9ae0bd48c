import type { RequestId } from '@modelcontextprotocol/sdk/types.js';

/** An event to be stored. */
export interface NewEvent {
  /** As the SDK names it: unique within the session. */
  readonly streamId: string;
  /** A JSON-RPC message as JSON; empty where the event only gives the client an id to come back with. */
  readonly data: string;
  /** Requests of the stream that have no response yet, this event included. */
  readonly unanswered: readonly RequestId[];
  /** Nothing will follow it in its stream. */
  readonly last: boolean;
}

/** An event as a client gets to see it. */
export interface StreamEvent {
  readonly id: string;
  /** A JSON-RPC message as JSON. */
  readonly data: string;
}

/** A stream that a client comes back to. */
export interface ResumedStream {
  readonly streamId: string;
  /** The client has had all of it, and nothing more will come. */
  readonly over: boolean;
  /**
   * What follows the event that the client had last, also what is stored only later, until the stream
   * is over. It reads on as it is asked to, so a slow reader costs no memory.
   *
   * @throws EventsGone once the reader is so slow that something was dropped before it; the signal
   *   ends it with an error too
   */
  follow(signal: AbortSignal): AsyncIterable<StreamEvent>;
}

/** What was sent in the streams of one session, kept for clients that lose their connection. */
export interface SessionEvents {
  /** Resolves with the event's id; never rejects: an answer goes out also where it cannot be kept. */
  store(event: NewEvent): Promise<string>;
  /** @throws EventsGone; SharedStateAway where other servers keep the events and cannot be reached */
  resume(lastEventId: string): Promise<ResumedStream>;
  /** Whether a client follows the stream at another server. Never rejects. */
  isFollowedElsewhere(streamId: string): Promise<boolean>;
  /** Forgets all; who follows a stream is at its end. */
  close(): Promise<void>;
  /** Leaves what is kept to another process that goes on with the session, where one can. */
  leave(): Promise<void>;
}

/** An event of another session, or of none, or one after which something was dropped. */
export class EventsGone extends Error {
  override readonly name = 'EventsGone';

  constructor() {
    super('what followed this event is not kept, or no longer');
  }
}

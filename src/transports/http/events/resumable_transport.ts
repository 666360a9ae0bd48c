import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type EventStore,
  StreamableHTTPServerTransport,
  type StreamableHTTPServerTransportOptions,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CancelledNotificationSchema,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { CallStream } from './call_stream.ts';
import type { DroppedCalls } from './dropped_calls.ts';
import type { SessionEvents } from './session_events.ts';

export interface ResumableOptions
  extends Omit<StreamableHTTPServerTransportOptions, 'eventStore' | 'enableJsonResponse'> {
  readonly events: SessionEvents;
  readonly calls: DroppedCalls;
}

/**
 * For whose answer an event is stored: the SDK tells its event store the id of the stream alone, and
 * never which requests that answers.
 */
class StoredFor {
  /** What the SDK is answering, whose first event has no message. */
  begun: CallStream | undefined;
  /** Of the messages that are sent. */
  readonly messages = new WeakMap<JSONRPCMessage, CallStream>();
}

/** The SDK's transport, with streams that outlive their connection. */
export class ResumableTransport extends StreamableHTTPServerTransport {
  readonly #calls: DroppedCalls;
  readonly #events: SessionEvents;
  readonly #storedFor: StoredFor;
  readonly #streams = new Map<RequestId | undefined, CallStream>();

  constructor({ events, calls, ...options }: ResumableOptions) {
    const storedFor = new StoredFor();
    super({ ...options, eventStore: eventStore(events, storedFor) });
    this.#calls = calls;
    this.#events = events;
    this.#storedFor = storedFor;
  }

  /**
   * Answers a POST.
   *
   * @param body of the request, parsed
   * @param left aborted once nobody will come for the answer any more
   */
  async post(
    request: Parameters<StreamableHTTPServerTransport['handleRequest']>[0],
    response: ServerResponse<IncomingMessage>,
    body: unknown,
    left: AbortController,
  ): Promise<void> {
    const stream = new CallStream(requestIdsIn(body));
    for (const id of stream.unanswered) this.#streams.set(id, stream);
    // One without an id was refused, or has a client that cannot come back.
    response.once('close', () => stream.id ?? this.#forget(stream));
    this.#calls.watch(response, stream, left);
    // Taken before the SDK waits for anything but the begin of a session, of which nobody knows yet: it
    // has the body, and stores that event first.
    this.#storedFor.begun = stream;
    await this.handleRequest(request, response, body);
    for (const id of cancelledIn(body)) await this.#endCancelled(id);
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const answered = isResponse(message) ? message.id : undefined;
    // Not the one that happens to run: a call may be told of what another one does.
    const stream = this.#streams.get(answered ?? options?.relatedRequestId);
    if (answered !== undefined) {
      stream?.answer(answered);
      this.#streams.delete(answered);
    }
    if (stream !== undefined) this.#storedFor.messages.set(message, stream);
    try {
      await super.send(message, options);
    } finally {
      stream?.settle();
    }
  }

  /** To a request that was cancelled the SDK answers nothing, and leaves its stream open. */
  async #endCancelled(requestId: RequestId): Promise<void> {
    const stream = this.#streams.get(requestId);
    if (stream === undefined) return;
    stream.answer(requestId);
    this.#streams.delete(requestId);
    if (stream.unanswered.length > 0) return;
    if (stream.id !== undefined) {
      const end = { streamId: stream.id, data: '', unanswered: [], last: true };
      await this.#events.store(end);
    }
    this.closeSSEStream(requestId);
    stream.settle();
  }

  #forget(stream: CallStream): void {
    for (const id of stream.unanswered) {
      if (this.#streams.get(id) === stream) this.#streams.delete(id);
    }
  }
}

function eventStore(events: SessionEvents, storedFor: StoredFor): EventStore {
  return {
    async storeEvent(streamId, message) {
      // The SDK's event without a message, from which a client has its first id.
      const isFirst = Object.keys(message).length === 0;
      const stream = isFirst ? storedFor.begun : storedFor.messages.get(message);
      const unanswered = stream?.unanswered ?? [];
      if (stream !== undefined) stream.id = streamId;
      return events.store({
        streamId,
        data: isFirst ? '' : JSON.stringify(message),
        unanswered,
        last: stream !== undefined && unanswered.length === 0,
      });
    },
    replayEventsAfter: () =>
      Promise.reject(new Error('a GET with Last-Event-ID is for serveResumedStream')),
  };
}

/** Whatever is no request after all is refused by the SDK, which checks each message. */
function requestIdsIn(body: unknown): RequestId[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body];
  return messages.flatMap((message) => {
    if (typeof message !== 'object' || message === null || !('method' in message)) return [];
    const id = 'id' in message ? message.id : undefined;
    return typeof id === 'string' || typeof id === 'number' ? [id] : [];
  });
}

/** Which requests the client waits for no more, as far as the SDK takes its word: it overlooks 0. */
function cancelledIn(body: unknown): RequestId[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body];
  return messages.flatMap((message) => {
    if (Object(message).method !== 'notifications/cancelled') return [];
    const cancelled = CancelledNotificationSchema.safeParse(message);
    return cancelled.success && cancelled.data.params.requestId
      ? [cancelled.data.params.requestId]
      : [];
  });
}

/** By what only a response has: the SDK's own check tries a whole schema for each answer "no". */
function isResponse(message: JSONRPCMessage) {
  return 'result' in message || 'error' in message;
}

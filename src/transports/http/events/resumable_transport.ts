import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type EventStore,
  StreamableHTTPServerTransport,
  type StreamableHTTPServerTransportOptions,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
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
const answering = new AsyncLocalStorage<CallStream | undefined>();

/** The SDK's transport, with streams that outlive their connection. */
export class ResumableTransport extends StreamableHTTPServerTransport {
  readonly #calls: DroppedCalls;
  readonly #streams = new Map<RequestId | undefined, CallStream>();

  constructor({ events, calls, ...options }: ResumableOptions) {
    super({ ...options, eventStore: eventStore(events) });
    this.#calls = calls;
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
    await answering.run(stream, () => this.handleRequest(request, response, body));
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const answered = isResponse(message) ? message.id : undefined;
    // Not the one that happens to run: a call may be told of what another one does.
    const stream = this.#streams.get(answered ?? options?.relatedRequestId);
    if (answered !== undefined) {
      stream?.answer(answered);
      this.#streams.delete(answered);
    }
    try {
      await answering.run(stream, () => super.send(message, options));
    } finally {
      stream?.settle();
    }
  }

  #forget(stream: CallStream): void {
    for (const id of stream.unanswered) {
      if (this.#streams.get(id) === stream) this.#streams.delete(id);
    }
  }
}

function eventStore(events: SessionEvents): EventStore {
  return {
    async storeEvent(streamId, message) {
      const stream = answering.getStore();
      const unanswered = stream?.unanswered ?? [];
      if (stream !== undefined) stream.id = streamId;
      return events.store({
        streamId,
        // The SDK's event without a message, from which a client has its first id.
        data: Object.keys(message).length === 0 ? '' : JSON.stringify(message),
        unanswered,
        last: stream !== undefined && unanswered.length === 0,
      });
    },
    replayEventsAfter: () =>
      Promise.reject(new Error('a GET with Last-Event-ID is for serveResumedStream')),
  };
}

function requestIdsIn(body: unknown): RequestId[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body];
  return messages.filter(isJSONRPCRequest).map(({ id }) => id);
}

function isResponse(message: JSONRPCMessage) {
  return isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
}

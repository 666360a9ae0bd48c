import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { SharedStateAway } from '../../jobs/shared_state_away.ts';
import type { GeoperaMcpServer } from '../../server.ts';
import type { Clock } from '../../transfer/clock.ts';
import { DroppedCalls } from './events/dropped_calls.ts';
import { ResumableTransport } from './events/resumable_transport.ts';
import { STREAM_PACE, serveResumedStream } from './events/serve_resumed_stream.ts';
import { EventsGone, type SessionEvents } from './events/session_events.ts';
import { Refused } from './gates/refusals.ts';
import type { McpRequest } from './mcp_request.ts';
import { replayInitialize } from './replayed_initialize.ts';
import type { RequestCallers } from './request_callers.ts';
import type { Session, SessionEnd } from './sessions.ts';

export interface OpenSessionOptions {
  /** A new one if absent. */
  readonly id?: string;
  readonly principal: string;
  readonly mcp: GeoperaMcpServer;
  readonly callers: RequestCallers;
  /** Where what is sent to the client is kept, for when it loses its connection. */
  events(sessionId: string): SessionEvents;
  readonly clock: Clock;
  /** The client has initialized it. */
  onInitialized(session: OpenSession): void | Promise<void>;
  /** The client has ended it. */
  onEnded(session: OpenSession): Promise<void>;
}

/** A server of one client, reached by the requests that name its session. */
export class OpenSession implements Session {
  readonly id: string;
  readonly principal: string;
  readonly #mcp: GeoperaMcpServer;
  readonly #callers: RequestCallers;
  readonly #clock: Clock;
  readonly #events: SessionEvents;
  readonly #calls: DroppedCalls;
  readonly #transport: ResumableTransport;
  readonly #ended = new AbortController();

  constructor(options: OpenSessionOptions) {
    const { principal, mcp, callers, events, clock, onInitialized, onEnded } = options;
    this.id = options.id ?? randomUUID();
    this.principal = principal;
    this.#mcp = mcp;
    this.#callers = callers;
    this.#clock = clock;
    this.#events = events(this.id);
    this.#calls = new DroppedCalls({ events: this.#events, clock });
    this.#transport = new ResumableTransport({
      events: this.#events,
      calls: this.#calls,
      retryInterval: STREAM_PACE.retryMs,
      keepAliveMs: STREAM_PACE.keepAliveMs,
      sessionIdGenerator: () => this.id,
      onsessioninitialized: () => onInitialized(this),
      onsessionclosed: () => onEnded(this),
    });
  }

  async begin(): Promise<void> {
    await this.#mcp.server.connect(this.#transport);
  }

  /** Goes on where another process was, by what the client said there at first. */
  async restore(initialize: unknown): Promise<void> {
    await this.begin();
    await replayInitialize(this.#transport, initialize);
  }

  /**
   * @param body of a POST, parsed
   * @throws Refused
   */
  async handle({ request, response, visitor }: McpRequest, body: unknown): Promise<void> {
    const { 'last-event-id': lastEventId } = request.headers;
    if (request.method === 'GET' && typeof lastEventId === 'string') {
      return this.#resume(response, lastEventId);
    }
    const left = new AbortController();
    // Each call of a batch listens.
    setMaxListeners(0, left.signal);
    const auth = this.#callers.admit({ ...visitor.caller, left: left.signal });
    const admitted = Object.assign(request, { auth });
    // A client that opens another stream has lost the one before.
    if (request.method === 'GET') this.#transport.closeStandaloneSSEStream();
    if (request.method !== 'POST') {
      return this.#transport.handleRequest(admitted, response);
    }
    await this.#transport.post(admitted, response, body, left);
  }

  /** @param how `moved` leaves what was sent to the client for another process to send again */
  async end(how: SessionEnd): Promise<void> {
    // First, so that calls see a client that left, and not one that cancels its transfers.
    this.#calls.close();
    this.#ended.abort();
    await this.#mcp.server.close();
    await (how === 'over' ? this.#events.close() : this.#events.leave());
  }

  async #resume(response: ServerResponse, lastEventId: string): Promise<void> {
    response.setHeader('Mcp-Session-Id', this.id);
    try {
      await serveResumedStream(response, {
        events: this.#events,
        calls: this.#calls,
        lastEventId,
        clock: this.#clock,
        signal: this.#ended.signal,
      });
    } catch (failure) {
      if (failure instanceof EventsGone) throw new Refused('eventsGone');
      if (failure instanceof SharedStateAway) throw new Refused('sharedStateAway');
      throw failure;
    }
  }
}

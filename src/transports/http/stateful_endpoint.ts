import type { IncomingHttpHeaders } from 'node:http';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { SharedStateAway } from '../../jobs/shared_state_away.ts';
import type { GeoperaMcpServer } from '../../server.ts';
import type { SessionEvents } from './events/session_events.ts';
import { Refused } from './gates/refusals.ts';
import type { McpEndpoint, McpRequest } from './mcp_request.ts';
import { OpenSession, type OpenSessionOptions } from './open_session.ts';
import type { RequestCallers } from './request_callers.ts';
import type { SessionRecord, SessionRecords } from './session_records.ts';
import { Sessions, type SessionsOptions } from './sessions.ts';

export interface StatefulOptions extends SessionsOptions {
  /** Makes a server for one session, by the headers of the request that begins it. */
  build(headers?: IncomingHttpHeaders): GeoperaMcpServer;
  readonly callers: RequestCallers;
  /** Where what is sent in a session is kept, for when its client loses the connection. */
  events(sessionId: string): SessionEvents;
  readonly records: SessionRecords;
}

/** A client begins with `initialize` and is remembered from then on. */
export class StatefulEndpoint implements McpEndpoint {
  readonly methods = ['POST', 'GET', 'DELETE'];
  readonly #options: StatefulOptions;
  readonly #sessions: Sessions<OpenSession>;
  readonly #restoring = new Map<string, Promise<OpenSession>>();

  constructor(options: StatefulOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options);
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  async handle(asked: McpRequest): Promise<void> {
    const { request, response, visitor, readBody } = asked;
    const { records } = this.#options;
    const id = request.headers['mcp-session-id'];
    const body = request.method === 'POST' ? await readBody() : undefined;
    if (id === undefined) return this.#open(asked, body);
    const session = await this.#find(String(id), visitor.principal);
    if (session === undefined) throw new Refused('unknownSession');
    // Its client may have left meanwhile: then nothing would tell when the request is over.
    if (response.closed) return;
    void records.touch(session.id);
    response.once('close', this.#sessions.use(session));
    await session.handle(asked, body);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  /** What is no `initialize` is told so by the SDK's transport, and opens nothing. */
  async #open(asked: McpRequest, body: unknown): Promise<void> {
    const { principal } = asked.visitor;
    if ([body].flat().some(isInitializeRequest)) await this.#sessions.makeRoom(principal);
    if (asked.response.closed) return;
    const mcp = this.#options.build(asked.request.headers);
    const session = this.#make({ principal, mcp }, async (opened) => {
      this.#sessions.add(opened);
      asked.response.once('close', this.#sessions.use(opened));
      await this.#options.records.save(opened.id, { principal, initialize: body });
    });
    await session.begin();
    await session.handle(asked, body);
    if (this.#sessions.find(session.id, principal) === undefined) await session.end('over');
  }

  /** One that another process has begun is gone on with here. */
  async #find(id: string, principal: string): Promise<OpenSession | undefined> {
    const here = this.#sessions.find(id, principal);
    if (here !== undefined) return here;
    const record = await this.#recordOf(id, principal);
    if (record === undefined) return undefined;
    // Several requests of it may come at once, and one be done with it already.
    const restored = this.#sessions.find(id, principal);
    if (restored !== undefined) return restored;
    const restoring = this.#restoring.get(id) ?? this.#restore(id, record);
    this.#restoring.set(id, restoring);
    try {
      return await restoring;
    } finally {
      this.#restoring.delete(id);
    }
  }

  async #recordOf(id: string, principal: string): Promise<SessionRecord | undefined> {
    try {
      return await this.#options.records.find(id, principal);
    } catch (failure) {
      if (failure instanceof SharedStateAway) throw new Refused('sharedStateAway');
      throw failure;
    }
  }

  async #restore(id: string, { principal, initialize }: SessionRecord): Promise<OpenSession> {
    await this.#sessions.makeRoom(principal);
    const mcp = this.#options.build();
    const session = this.#make({ id, principal, mcp }, () => undefined);
    await session.restore(initialize);
    this.#sessions.add(session);
    return session;
  }

  #make(
    whose: Pick<OpenSessionOptions, 'id' | 'principal' | 'mcp'>,
    onInitialized: OpenSessionOptions['onInitialized'],
  ): OpenSession {
    const { callers, events, clock, records } = this.#options;
    return new OpenSession({
      ...whose,
      callers,
      events,
      clock,
      onInitialized,
      onEnded: async ({ id }) => {
        await records.remove(id);
        await this.#sessions.end(id);
      },
    });
  }
}

import type { GeoperaMcpServer } from '../../server.ts';
import type { SessionEvents } from './events/session_events.ts';
import { readJsonBody } from './gates/json_body.ts';
import { Refused } from './gates/refusals.ts';
import type { McpEndpoint, McpRequest } from './mcp_request.ts';
import { OpenSession } from './open_session.ts';
import type { RequestCallers } from './request_callers.ts';
import { Sessions, type SessionsOptions } from './sessions.ts';

export interface StatefulOptions extends SessionsOptions {
  /** Makes a server for one session. */
  build(): GeoperaMcpServer;
  readonly callers: RequestCallers;
  /** Where what is sent in a session is kept, for when its client loses the connection. */
  events(sessionId: string): SessionEvents;
}

/** A client begins with `initialize` and is remembered from then on. */
export class StatefulEndpoint implements McpEndpoint {
  readonly methods = ['POST', 'GET', 'DELETE'];
  readonly #options: StatefulOptions;
  readonly #sessions: Sessions<OpenSession>;

  constructor(options: StatefulOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options);
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  async handle(asked: McpRequest): Promise<void> {
    const { request, response, visitor, gone } = asked;
    const id = request.headers['mcp-session-id'];
    const body = request.method === 'POST' ? await readJsonBody(request, gone) : undefined;
    if (id === undefined) return this.#open(asked, body);
    const session = this.#sessions.find(String(id), visitor.principal);
    if (session === undefined) throw new Refused('unknownSession');
    response.once('close', this.#sessions.use(session));
    await session.handle(asked, body);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  /** What is no `initialize` is told so by the SDK's transport, and opens nothing. */
  async #open(asked: McpRequest, body: unknown): Promise<void> {
    const { build, callers, events, clock } = this.#options;
    const { principal } = asked.visitor;
    await this.#sessions.makeRoom(principal);
    const session = new OpenSession({
      principal,
      mcp: build(),
      callers,
      events,
      clock,
      onInitialized: (opened) => this.#sessions.add(opened),
      onEnded: ({ id }) => this.#sessions.end(id),
    });
    await session.begin();
    await session.handle(asked, body);
    if (this.#sessions.find(session.id, principal) === undefined) await session.end();
  }
}

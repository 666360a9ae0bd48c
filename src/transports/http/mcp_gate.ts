import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RateGate } from './gates/rate_gate.ts';
import { Refused } from './gates/refusals.ts';
import type { McpEndpoint, Visitor } from './mcp_request.ts';

/** Finds out who sends a request. */
export interface Authenticator {
  /**
   * @param requestId for the log lines of what is done in this request
   * @throws Refused
   */
  admit(request: IncomingMessage, requestId: string, signal: AbortSignal): Promise<Visitor>;
}

/** Whoever is known to be here is not gone. */
export interface Presence {
  /** Holds an owner as present until the answered function is called. */
  hold(owner: string): () => void;
}

export interface McpGateOptions {
  readonly endpoint: McpEndpoint;
  readonly authenticator: Authenticator;
  readonly rate: RateGate;
  readonly presence: Presence;
}

/** All that a request to the endpoint of the protocol must pass, in order. */
export class McpGate {
  readonly #options: McpGateOptions;
  #draining = false;
  /** Calls that wait for their answers. */
  #unanswered = 0;
  #answered: (() => void)[] = [];

  constructor(options: McpGateOptions) {
    this.#options = options;
  }

  /** From now on nothing new is begun; what is under way goes on. */
  drain(): void {
    this.#draining = true;
  }

  /** Resolves once no call waits for its answer; streams of a session wait for none. */
  allAnswered(): Promise<void> {
    if (this.#unanswered === 0) return Promise.resolve();
    return new Promise((resolve) => this.#answered.push(resolve));
  }

  /** @throws Refused */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    const { endpoint, authenticator, rate, presence } = this.#options;
    if (!endpoint.methods.includes(request.method ?? '')) {
      throw new Refused('method', { Allow: endpoint.methods.join(', ') });
    }
    if (this.#draining) throw new Refused('draining');
    if (request.method === 'POST') this.#count(response);
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const visitor = await authenticator.admit(request, requestId, gone.signal);
    const admission = await rate.admit(visitor.principal);
    if (!admission.admitted) {
      throw new Refused('rate', { 'Retry-After': String(admission.retryAfterSeconds) });
    }
    response.once('close', presence.hold(visitor.principal));
    await endpoint.handle({ request, response, visitor, gone: gone.signal });
  }

  #count(response: ServerResponse): void {
    this.#unanswered += 1;
    response.once('close', () => {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) for (const tell of this.#answered.splice(0)) tell();
    });
  }
}

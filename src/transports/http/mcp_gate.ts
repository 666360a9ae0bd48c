import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';
import { readJsonBody } from './gates/json_body.ts';
import type { RateGate } from './gates/rate_gate.ts';
import { Refused } from './gates/refusals.ts';
import type { McpEndpoint, Visitor } from './mcp_request.ts';

/** Calls of one principal that are being answered: each may hold an answer that its client does not read. */
const MOST_AT_ONCE = 100;

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
  /** By principal: requests that are being answered. */
  readonly #open = new Map<string, number>();
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
    const isLate = this.#draining;
    if (isLate && beginsStream(request)) throw new Refused('draining');
    const gone = new AbortController();
    // Each call of a batch listens.
    setMaxListeners(0, gone.signal);
    const atTheEnd: (() => void)[] = [];
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
      for (const tell of atTheEnd) tell();
    });
    if (request.method === 'POST') atTheEnd.push(this.#expectAnswer());
    const visitor = await authenticator.admit(request, requestId, gone.signal);
    forgetToken(request);
    const { principal } = visitor;
    const count = async (requests: number) => {
      const admission = await rate.admit(principal, requests);
      if (admission.admitted) return;
      throw new Refused('rate', { 'Retry-After': String(admission.retryAfterSeconds) });
    };
    await count(1);
    if (response.closed) return;
    if (request.method === 'POST') atTheEnd.push(this.#takePlace(principal));
    atTheEnd.push(presence.hold(principal));
    const readBody = async () => {
      const body = await readJsonBody(request, gone.signal);
      if (isLate && asksForWork(body)) throw new Refused('draining');
      if (Array.isArray(body) && body.length > 1) await count(body.length - 1);
      return body;
    };
    await endpoint.handle({ request, response, visitor, readBody, gone: gone.signal });
  }

  /** @returns to be called when the request is over */
  #takePlace(principal: string): () => void {
    const open = this.#open.get(principal) ?? 0;
    if (open >= MOST_AT_ONCE) throw new Refused('tooManyAtOnce');
    this.#open.set(principal, open + 1);
    return () => {
      const left = (this.#open.get(principal) ?? 0) - 1;
      if (left > 0) this.#open.set(principal, left);
      else this.#open.delete(principal);
    };
  }

  /** @returns to be called when the answer has gone out, or nobody waits for it */
  #expectAnswer(): () => void {
    this.#unanswered += 1;
    return () => {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) for (const tell of this.#answered.splice(0)) tell();
    };
  }
}

/** A stream that a client comes back to brings what it asked for before. */
function beginsStream({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers['last-event-id'] === undefined;
}

/** Notifications, and answers to what this server asked, end what is under way. */
function asksForWork(body: unknown): boolean {
  return [body].flat().some(isJSONRPCRequest);
}

/** Who calls is known from here on: what the SDK hands on of a request shall hold no secret. */
function forgetToken(request: IncomingMessage): void {
  delete request.headers.authorization;
  const raw = request.rawHeaders;
  for (let at = raw.length - 2; at >= 0; at -= 2) {
    if (raw[at]?.toLowerCase() === 'authorization') raw.splice(at, 2);
  }
}

import { Client } from 'undici';

const PROTOCOL_VERSION = '2025-11-25';

/** Longer than any pause of the bench, so that no run meets a connection that has just been ended. */
const KEPT_MS = 600_000;

/**
 * One connection to a server, on which requests go one after the other: what a client does, with as
 * little of its own as can be, so that the server is what is measured.
 */
export class McpConnection {
  #client;
  #path;
  #headers;
  #id = 0;

  /** @param {{ url: string, token?: string }} server */
  constructor({ url, token }) {
    const { origin, pathname } = new URL(url);
    this.#client = new Client(origin, { keepAliveTimeout: KEPT_MS, pipelining: 1 });
    this.#path = pathname;
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': PROTOCOL_VERSION,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  /**
   * Begins a session; what is asked after it belongs to it, until another one is begun.
   *
   * @returns what the server says of itself
   */
  async initialize() {
    delete this.#headers['mcp-session-id'];
    const params = {
      protocolVersion: PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: { name: 'http-bench', version: '0.0.0' },
    };
    const asked = { id: this.#nextId(), method: 'initialize', params };
    const { headers, text } = await this.#post(asked, 200);
    this.#headers['mcp-session-id'] = headers['mcp-session-id'];
    await this.#post({ method: 'notifications/initialized' }, 202);
    return lastMessage(text).result;
  }

  /** Ends its session. */
  async end() {
    await this.#send({ method: 'DELETE' }, 200);
  }

  /**
   * @param {{ method: string, params?: object }} asked
   * @returns the result
   * @throws if the answer is none, or an error
   */
  async request(asked) {
    const id = this.#nextId();
    const { text } = await this.#post({ id, ...asked }, 200);
    const answer = lastMessage(text);
    if (answer.id !== id || answer.result === undefined || answer.result.isError) {
      throw new Error(`${asked.method} was answered: ${text.slice(0, 500)}`);
    }
    return answer.result;
  }

  close() {
    return this.#client.close();
  }

  #post(message, wanted) {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    return this.#send({ method: 'POST', body }, wanted);
  }

  async #send(request, wanted) {
    const path = this.#path;
    const response = await this.#client.request({ path, headers: this.#headers, ...request });
    const text = await response.body.text();
    const { statusCode, headers } = response;
    if (statusCode !== wanted) throw new Error(`${request.body}: ${statusCode} ${text}`);
    return { headers, text };
  }

  #nextId() {
    this.#id += 1;
    return this.#id;
  }
}

/** The answer is the last event of its stream. */
function lastMessage(events) {
  const start = events.lastIndexOf('\ndata: ') + '\ndata: '.length;
  return JSON.parse(events.slice(start, events.indexOf('\n', start)));
}

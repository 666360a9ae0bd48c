import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { DroppedCalls } from '../../src/transports/http/events/dropped_calls.ts';
import { MemoryEvents } from '../../src/transports/http/events/memory_events.ts';
import { ResumableTransport } from '../../src/transports/http/events/resumable_transport.ts';
import { serveResumedStream } from '../../src/transports/http/events/serve_resumed_stream.ts';
import { EventsGone } from '../../src/transports/http/events/session_events.ts';
import { ManualClock } from '../unit/jobs/manual_clock.ts';

const SESSION = '00000000-0000-4000-8000-000000000000';
export const PACE = { retryMs: 50, keepAliveMs: 15_000, stallMs: 30_000 };
export const GRACE_MS = 10_000;

/** A call that waits for the test to end it. */
export interface HeldCall {
  readonly name: string;
  readonly left: AbortSignal;
  tell(progress: number): Promise<void>;
  answer(text: string): void;
  fail(message: string): void;
  /** Sends the client away to ask again later. */
  closeStream(): void;
  /** Runs as a part of this call. */
  within(work: () => Promise<void>): Promise<void>;
}

interface Waiting {
  readonly count: number;
  resolve(calls: readonly HeldCall[]): void;
}

/** One session over HTTP, whose calls are ended by the test. */
export async function serveHeldCalls() {
  const clock = new ManualClock();
  const events = new MemoryEvents(SESSION);
  const calls = new DroppedCalls({ events, clock, graceMs: GRACE_MS });
  const ended = new AbortController();
  const held: HeldCall[] = [];
  const responses: ServerResponse[] = [];
  let waiting: Waiting | undefined;

  const transport = new ResumableTransport({
    events,
    calls,
    sessionIdGenerator: () => SESSION,
    retryInterval: PACE.retryMs,
  });
  const mcp = new Server(
    { name: 'held', version: '1' },
    { capabilities: { tools: {}, logging: {} } },
  );
  const lefts = new Map<unknown, AbortSignal>();
  mcp.setRequestHandler(CallToolRequestSchema, (asked, extra) => {
    const { name } = asked.params;
    return new Promise((resolve, reject) => {
      const runs: (() => void)[] = [];
      // Woken within the call, as what the call itself does is.
      const tick = setInterval(() => {
        for (const run of runs.splice(0)) run();
      }, 1);
      const end = (settle: () => void) => {
        clearInterval(tick);
        settle();
      };
      held.push({
        name,
        left: lefts.get(extra.authInfo?.clientId) ?? AbortSignal.abort(),
        tell: (progress) =>
          extra.sendNotification({
            method: 'notifications/progress',
            params: { progressToken: name, progress },
          }),
        answer: (text) => end(() => resolve({ content: [{ type: 'text', text }] })),
        fail: (message) => end(() => reject(new Error(message))),
        closeStream: () => extra.closeSSEStream?.(),
        within: (work) => new Promise((done, failed) => runs.push(() => work().then(done, failed))),
      });
      if (waiting !== undefined && held.length >= waiting.count) waiting.resolve(held);
    });
  });
  await mcp.connect(transport);

  async function handle(request: IncomingMessage, response: ServerResponse) {
    responses.push(response);
    const { 'last-event-id': lastEventId } = request.headers;
    if (request.method === 'GET' && typeof lastEventId === 'string') {
      const options = { events, calls, lastEventId, clock, signal: ended.signal, pace: PACE };
      await serveResumedStream(response, options).catch((error: unknown) => {
        if (!(error instanceof EventsGone)) throw error;
        response.writeHead(410).end();
      });
    } else if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const left = new AbortController();
      const clientId = String(lefts.size);
      lefts.set(clientId, left.signal);
      const admitted = Object.assign(request, { auth: { token: '', clientId, scopes: [] } });
      await transport.post(admitted, response, JSON.parse(Buffer.concat(chunks).toString()), left);
    } else await transport.handleRequest(request, response);
  }
  const http = createServer((request, response) => void handle(request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = new URL(`http://127.0.0.1:${address.port}/mcp`);

  return {
    url,
    clock,
    mcp,
    events,
    /** Ends resumed streams, as a server does that shuts down. */
    endStreams: () => ended.abort(),
    /** The newest. */
    response: () => responses.at(-1),
    /** Resolves once so many calls run, or ran. */
    calls: (count: number): Promise<readonly HeldCall[]> =>
      held.length >= count
        ? Promise.resolve(held)
        : new Promise((resolve) => {
            waiting = { count, resolve };
          }),
    async close() {
      calls.close();
      ended.abort();
      await mcp.close();
      await events.close();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

export type HeldCallServer = Awaited<ReturnType<typeof serveHeldCalls>>;

/** A stream of server-sent events as it comes over the wire. */
export class RawStream {
  readonly status: number;
  /** All of it so far. */
  text = '';
  /** Resolves when it has ended, whole or cut. */
  readonly ended: Promise<void>;
  readonly #incoming: IncomingMessage;
  #wake: () => void = () => undefined;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    this.status = incoming.statusCode ?? 0;
    this.ended = new Promise((resolve) => {
      incoming.once('close', () => {
        this.#wake();
        resolve();
      });
    });
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
      this.#wake();
    });
    incoming.on('error', () => undefined);
  }

  /** Resolves once the text is so. */
  async until(isSo: (text: string) => boolean): Promise<string> {
    while (!isSo(this.text)) {
      if (this.#incoming.closed) throw new Error(`the stream ended: ${this.text}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.text;
  }

  get lastEventId(): string {
    return [...this.text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '';
  }

  /** Of the messages that came. */
  get messages(): unknown[] {
    return [...this.text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
  }

  pause(): void {
    this.#incoming.pause();
  }

  /** Cuts the connection. */
  cut(): void {
    this.#incoming.destroy();
  }
}

export interface RawRequest {
  readonly body?: unknown;
  readonly version?: string;
  readonly lastEventId?: string;
}

/** Sends a request as no SDK does, and resolves with the answer's beginning. */
export function openStream(
  { url }: HeldCallServer,
  { body, version = '2025-11-25', lastEventId }: RawRequest = {},
): Promise<RawStream> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-session-id': SESSION,
        'mcp-protocol-version': version,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
    });
    request.once('response', (incoming) => resolve(new RawStream(incoming)));
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The JSON-RPC request for a call. */
export function callOf(id: number, name = `call ${id}`) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name } };
}

export async function initialize(server: HeldCallServer): Promise<void> {
  const clientInfo = { name: 'raw', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const body = { jsonrpc: '2.0', id: 'initialize', method: 'initialize', params };
  await (await openStream(server, { body })).ended;
  await openStream(server, { body: { jsonrpc: '2.0', method: 'notifications/initialized' } });
}

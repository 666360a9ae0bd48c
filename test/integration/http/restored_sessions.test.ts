import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { afterEach, expect, it, vi } from 'vitest';
import { configSchema } from '../../../src/config.ts';
import { createProcessWorld, workflowContext } from '../../../src/context.ts';
import { createLog } from '../../../src/log.ts';
import { systemClock } from '../../../src/transfer/clock.ts';
import { MemoryEvents } from '../../../src/transports/http/events/memory_events.ts';
import { Refused } from '../../../src/transports/http/gates/refusals.ts';
import { RequestCallers } from '../../../src/transports/http/request_callers.ts';
import type {
  SessionRecord,
  SessionRecords,
} from '../../../src/transports/http/session_records.ts';
import { StatefulEndpoint } from '../../../src/transports/http/stateful_endpoint.ts';
import { noSessionJournal } from '../../../src/workflows/session_journal.ts';
import { initialize } from './http_world.ts';

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 15_000 });

const HEADERS = {
  Accept: 'application/json, text/event-stream',
  'Content-Type': 'application/json',
};
const OF_ANOTHER = 'begun-by-another-process';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Records of which each look waits until it is let through. */
class HeldRecords implements SessionRecords {
  readonly kept = new Map<string, SessionRecord>();
  readonly #looking: (() => void)[] = [];

  get looking(): number {
    return this.#looking.length;
  }

  /** Lets the one through that has waited longest. */
  letThrough(): void {
    this.#looking.shift()?.();
  }

  async save(id: string, record: SessionRecord): Promise<void> {
    this.kept.set(id, record);
  }

  async find(id: string): Promise<SessionRecord | undefined> {
    const found = this.kept.get(id);
    await new Promise<void>((resolve) => this.#looking.push(resolve));
    return found;
  }

  async touch(): Promise<void> {}

  async remove(id: string): Promise<void> {
    this.kept.delete(id);
  }
}

/** An endpoint with room for one session of a principal, all of whose requests are one principal's. */
async function openEndpoint() {
  const records = new HeldRecords();
  records.kept.set(OF_ANOTHER, { principal: 'p', initialize: initialize() });
  const servers: Server[] = [];
  const endpoint = new StatefulEndpoint({
    build() {
      const server = new Server({ name: 'test', version: '1.0.0' }, { capabilities: {} });
      servers.push(server);
      return { server, drain: async () => undefined };
    },
    callers: new RequestCallers(),
    events: (id) => new MemoryEvents(id),
    records,
    most: 1,
    mostOfOne: 1,
    idleMs: 1_800_000,
    clock: systemClock,
  });
  const world = createProcessWorld(configSchema.parse({}), createLog('error'));
  const context = workflowContext(world, {
    apiUrl: 'http://localhost',
    token: () => undefined,
    scopes: [],
    sessions: noSessionJournal,
  });
  const left: ServerResponse[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    response.once('close', () => left.push(response));
    const visitor = { principal: 'p', caller: { owner: 'p', context } };
    const asked = { request, response, visitor, readBody: () => json(request) };
    try {
      await endpoint.handle({ ...asked, gone: new AbortController().signal });
    } catch (failure) {
      response.writeHead(failure instanceof Refused ? failure.kind.status : 500).end();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  cleanUps.push(async () => {
    server.closeAllConnections();
    server.close();
    await endpoint.close();
  });
  return { endpoint, records, servers, left, url: `http://127.0.0.1:${port}/` };
}

function post(url: string, body: object, sessionId?: string): Promise<number> {
  const headers = { ...HEADERS, ...(sessionId && { 'Mcp-Session-Id': sessionId }) };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }).then(async (it) => {
    await it.text();
    return it.status;
  });
}

const ping = { jsonrpc: '2.0', id: 7, method: 'ping' };

it('a session is restored once, also where a second request hears of it only then', async () => {
  const { endpoint, records, servers, url } = await openEndpoint();
  const answers = [post(url, ping, OF_ANOTHER), post(url, ping, OF_ANOTHER)];
  await eventually(() => expect(records.looking).toBe(2));
  records.letThrough();
  expect(await Promise.race(answers)).toBe(200);
  records.letThrough();
  expect(await Promise.all(answers)).toEqual([200, 200]);
  expect([servers.length, endpoint.sessions]).toEqual([1, 1]);
});

it('a client that left while its session was looked for holds it no longer', async () => {
  const { endpoint, records, left, url } = await openEndpoint();
  const stop = new AbortController();
  const headers = { ...HEADERS, 'Mcp-Session-Id': OF_ANOTHER };
  const stream = fetch(url, { headers, signal: stop.signal });
  await eventually(() => expect(records.looking).toBe(1));
  stop.abort();
  await expect(stream).rejects.toThrow();
  await eventually(() => expect(left.length).toBe(1));
  records.letThrough();
  await eventually(() => expect(endpoint.sessions).toBe(1));
  expect(await post(url, initialize()), 'it makes room, as it is idle').toBe(200);
});

it('a request that begins nothing ends no session', async () => {
  const { endpoint, url } = await openEndpoint();
  expect(await post(url, initialize())).toBe(200);
  expect(await post(url, ping)).toBe(400);
  expect(endpoint.sessions).toBe(1);
});

import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createHostGate } from '../../src/transports/http/gates/host_gate.ts';
import { readJsonBody } from '../../src/transports/http/gates/json_body.ts';
import { createOriginGate } from '../../src/transports/http/gates/origin_gate.ts';
import { createRateGate } from '../../src/transports/http/gates/rate_gate.ts';
import { startHttpService } from '../../src/transports/http/http_service.ts';
import { McpGate } from '../../src/transports/http/mcp_gate.ts';
import { type AttackedServer, attackedServer } from './attacked_server.ts';
import { attack, attacks } from './figures.ts';
import { INITIALIZE, McpCaller, post, usualHeaders } from './mcp_caller.ts';

/** A tenth of these is what one principal may have. */
const MOST_SESSIONS = 200;
const SHARE = MOST_SESSIONS / 10;
const FLOOD = Number(process.env['FLOOD_SESSIONS'] ?? 2_000);
const AT_ONCE = 50;
/** Beyond what the sessions take that may be open: a flood that leaks holds hundreds. */
const MOST_GROWTH_MIB = 40;

// On a machine that does much else besides.
vi.setConfig({ testTimeout: 120_000 });

let server: AttackedServer;

beforeAll(async () => {
  server = await attackedServer({
    config: { maxSessions: String(MOST_SESSIONS), logLevel: 'error' },
  });
});
afterAll(() => server.close());

const initialize = JSON.stringify(INITIALIZE);

/** Opens sessions as fast as it can, and tells how many. */
async function flood(token: string, sessions: number): Promise<Map<number, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const statuses = new Map<number, number>();
  let left = sessions;
  const open = () =>
    new Promise<number>((resolve, reject) => {
      httpRequest(
        server.url,
        { method: 'POST', agent, headers: usualHeaders(token) },
        (response) => {
          response.resume().once('end', () => resolve(response.statusCode ?? 0));
        },
      )
        .once('error', reject)
        .end(initialize);
    });
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        const status = await open();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }),
  );
  agent.destroy();
  return statuses;
}

/** MiB in use once garbage is collected. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('garbage cannot be collected');
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

it(
  `${FLOOD} sessions of one principal end its own alone, and take no more memory than a few`,
  {
    timeout: 120_000,
  },
  () =>
    attack(async () => {
      const bystander = await McpCaller.open(server);
      const attacker = server.issueToken();
      const first = await McpCaller.open(server, attacker);
      await flood(attacker, 500);
      const before = memoryInUse();
      const statuses = await flood(attacker, FLOOD - 500);
      const grown = memoryInUse() - before;
      expect([...statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(grown).toBeLessThan(MOST_GROWTH_MIB);
      expect(await server.openSessions()).toBeLessThanOrEqual(SHARE + 1);
      expect((await first.post({ jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(404);
      expect(await bystander.isWell(), 'who was there goes on').toBe(true);
      expect(await (await McpCaller.open(server)).isWell(), 'who comes gets in').toBe(true);
      expect(await (await McpCaller.open(server, attacker)).isWell()).toBe(true);
    }),
);

it('sessions that are all in use are not ended for another of the same principal', () =>
  attack(async () => {
    const token = server.issueToken();
    const held: AbortController[] = [];
    const callers = await Promise.all(
      Array.from({ length: SHARE }, () => McpCaller.open(server, token)),
    );
    for (const { session } of callers) {
      const stream = new AbortController();
      held.push(stream);
      const headers = { ...usualHeaders(token, session), Accept: 'text/event-stream' };
      await fetch(server.url, { headers, signal: stream.signal });
    }
    const more = await post(server, INITIALIZE, { token });
    expect([more.status, more.headers.get('retry-after')]).toEqual([503, '30']);
    expect(await (await McpCaller.open(server)).isWell(), 'others get in').toBe(true);
    for (const stream of held) stream.abort();
  }));

it('sessions opened at the same moment are no more than one principal may have', () =>
  attack(async () => {
    const token = server.issueToken();
    const before = await server.openSessions();
    await Promise.all(Array.from({ length: 200 }, () => post(server, INITIALIZE, { token })));
    expect((await server.openSessions()) - before).toBeLessThanOrEqual(SHARE);
  }));

it('requests that open nothing leave nothing', () =>
  attack(async () => {
    const token = server.issueToken();
    const before = await server.openSessions();
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => post(server, ping, { token })),
    );
    expect(answers.filter(({ status }) => status !== 400 && status !== 429)).toEqual([]);
    expect(await server.openSessions()).toBe(before);
  }));

it('a flood of tokens that nobody has keeps out nobody who is known', () =>
  attack(async () => {
    const known = await McpCaller.open(server);
    const garbage = Array.from({ length: 800 }, (_, at) =>
      post(server, INITIALIZE, { token: `nobody-has-this-${at}` }),
    );
    expect(await known.isWell()).toBe(true);
    const statuses = new Set((await Promise.all(garbage)).map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 401 && status !== 503)).toEqual([]);
    expect(await (await McpCaller.open(server)).isWell(), 'who comes gets in').toBe(true);
  }));

it('a principal that asks too often waits, and others do not', () =>
  attack(async () => {
    const limited = await attackedServer({ config: { rateLimit: '30' } });
    const [attacker, other] = [limited.issueToken(), await McpCaller.open(limited)];
    const flooded = await Promise.all(
      Array.from({ length: 300 }, () => post(limited, INITIALIZE, { token: attacker })),
    );
    const refused = flooded.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(270);
    for (const { headers } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect(await other.isWell()).toBe(true);
    await limited.close();
  }));

it('2,000 connections that say nothing keep nobody out', () =>
  attack(async () => {
    const idle = await Promise.all(Array.from({ length: 2000 }, () => connected(server.port)));
    expect(await (await McpCaller.open(server)).isWell()).toBe(true);
    for (const socket of idle) socket.destroy();
  }));

it('a client that does not read its answers is sent no more than it can hold', () =>
  attack(async () => {
    const [caller, other] = [await McpCaller.open(server), await McpCaller.open(server)];
    const socket = await connected(server.port);
    socket.pause();
    const before = memoryInUse();
    const asked = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const fields = Object.entries({
      Host: server.host,
      ...usualHeaders(caller.token, caller.session),
      'Content-Length': String(asked.length),
    });
    const wire = `POST /mcp HTTP/1.1\r\n${fields.map((field) => `${field.join(': ')}\r\n`).join('')}\r\n${asked}`;
    socket.write(wire.repeat(2000));
    for (let asks = 0; asks < 10; asks += 1) expect(await other.isWell()).toBe(true);
    expect(memoryInUse() - before).toBeLessThan(MOST_GROWTH_MIB);
    socket.destroy();
  }));

/** Bytes that a slow client sends, and then no more. */
const SLOW: readonly (readonly [string, string])[] = [
  ['nothing but a line', 'POST /mcp HTTP/1.1\r\n'],
  ['headers without end', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n'],
  ['half of a header', 'POST /mcp HTTP/1.1\r\nHost: local'],
  [
    'half of a body',
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"json',
  ],
  [
    'half of a chunk',
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"json',
  ],
  [
    'chunks without end',
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
  ],
];

attacks('a slow client that sends', SLOW, async (wire) => {
  const service = await startHttpService(
    {
      host: '127.0.0.1',
      port: 0,
      timeouts: { headersMs: 100, requestMs: 200, checkEveryMs: 20 },
    },
    {
      hosts: createHostGate([]),
      origins: createOriginGate([]),
      mcp: gateThatReads(),
      pages: new Map(),
      meter: { requestAnswered: () => undefined, requestRefused: () => undefined },
      log: {
        debug: () => undefined,
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
        flushed: async () => undefined,
      },
    },
  );
  const socket = await connected(Number(new URL(service.origin).port));
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.write(wire);
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  await service.close();
});

/** Reads what anybody sends. */
function gateThatReads(): McpGate {
  return new McpGate({
    endpoint: {
      methods: ['POST'],
      sessions: 0,
      handle: async () => undefined,
      close: async () => undefined,
    },
    authenticator: {
      async admit(request, _requestId, signal) {
        await readJsonBody(request, signal);
        throw new Error('a request that never ends came in whole');
      },
    },
    rate: createRateGate({ perMinute: 0 }),
    presence: { hold: () => () => undefined },
  });
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedServer, attackedServer } from './attacked_server.ts';
import { attack, attacks } from './figures.ts';
import { INITIALIZE, McpCaller, type PostOptions, post, usualHeaders } from './mcp_caller.ts';

let server: AttackedServer;
/** Has a session, a transfer that hangs, and an upload link. */
let alice: McpCaller;
/** Has a session of its own, and wants those of Alice. */
let bob: McpCaller;
let transferId: string;
let uploadId: string;
/** Of an answer in Alice's session. */
let eventId: string;

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

beforeAll(async () => {
  server = await attackedServer({ allowDir: true });
  alice = await McpCaller.open(server);
  bob = await McpCaller.open(server);
  const path = join(server.base, 'allowed', 'of_alice.bin');
  await writeFile(path, Buffer.alloc(200_000));
  server.sandbox.inject({ on: 'storage.put', do: { stall_after_bytes: 1000 } });
  const project_id = server.sandbox.projectId;
  const started = await alice.call('upload_local_file', { path, project_id, wait_seconds: 0 });
  transferId = String(started.facts['transfer_id']);
  const files = [{ file_name: 'linked.bin', bytes: 10 }];
  const linked = await alice.call('create_upload_link', { project_id, files });
  uploadId = String(linked.facts['upload_id']);
  const { text } = await alice.post(LIST);
  eventId = /^id: (\S+)$/m.exec(text)?.[1] ?? '';
  expect(started.facts).toMatchObject({ status: 'running' });
  expect([linked.isError, eventId]).toEqual([false, expect.stringMatching(/\.\d+$/)]);
});

afterAll(async () => {
  expect(await alice.isWell(), "Alice's session goes on").toBe(true);
  expect(await bob.isWell(), "Bob's session goes on").toBe(true);
  const { facts } = await alice.call('transfer_status', {
    transfer_id: transferId,
    wait_seconds: 0,
  });
  expect(facts, "Alice's transfer goes on").toMatchObject({ status: 'running' });
  await server.close();
});

const CHANGED_IDS: readonly (readonly [string, (id: string) => string])[] = [
  ['the id of Alice', (id) => id],
  ['in capitals', (id) => id.toUpperCase()],
  ['one letter short', (id) => id.slice(0, -1)],
  ['one letter more', (id) => `${id}0`],
  ['twice, with a comma', (id) => `${id}, ${id}`],
  ['guessed', () => randomUUID()],
  ['of zeroes', () => '00000000-0000-0000-0000-000000000000'],
  ['a name that objects have', () => '__proto__'],
  ['another such name', () => 'constructor'],
  ['a path', () => '../../sessions'],
  ['a star', () => '*'],
  ['a number', () => '1'],
  ['very long', () => 'a'.repeat(8000)],
];

const METHODS: readonly (readonly [string, PostOptions])[] = [
  ['POST', { method: 'POST' }],
  ['GET', { method: 'GET', headers: { Accept: 'text/event-stream' } }],
  ['GET with Last-Event-ID', { method: 'GET', headers: { Accept: 'text/event-stream' } }],
  ['DELETE', { method: 'DELETE' }],
];

attacks(
  "Bob's token with a session",
  CHANGED_IDS.flatMap(([idName, change]) =>
    METHODS.map(([name, options]) => [`${name}, ${idName}`, { name, options, change }] as const),
  ),
  async ({ name, options, change }) => {
    const headers = {
      ...options.headers,
      ...(name === 'GET with Last-Event-ID' ? { 'Last-Event-ID': eventId } : {}),
    };
    const answer = await bob.post(LIST, { ...options, headers, session: change(alice.session) });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toMatch(/inputSchema|^data:/m);
  },
);

attacks(
  'a session without its token',
  METHODS.map(([name, options]) => [name, options] as const),
  async (options) => {
    const answer = await post(server, LIST, { ...options, session: alice.session });
    expect(answer.status).toBe(401);
  },
);

attacks(
  'two session ids in one request',
  [
    ["Alice's first", () => [alice.session, bob.session]],
    ["Bob's first", () => [bob.session, alice.session]],
    ["Bob's twice", () => [bob.session, bob.session]],
  ],
  async (ids) => {
    const body = JSON.stringify(LIST);
    const answer = await server.exchange({
      headers: [
        ['Host', server.host],
        ...Object.entries(usualHeaders(bob.token)),
        ...ids().map((id) => ['Mcp-Session-Id', id] as const),
        ['Content-Length', String(body.length)],
      ],
      body,
    });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('inputSchema');
  },
);

attacks(
  'a session id that the client chose',
  [
    ['a made-up one', () => 'chosen-by-the-client'],
    ['one of the right form', () => randomUUID()],
    ["Alice's", () => alice.session],
  ],
  async (chosen) => {
    const session = chosen();
    const opened = await post(server, INITIALIZE, { token: bob.token, session });
    expect(opened.status).toBe(404);
    expect(opened.headers.get('mcp-session-id')).toBeNull();
    expect((await post(server, LIST, { token: bob.token, session })).status).toBe(404);
  },
);

it('a session that was ended is over for its owner too', () =>
  attack(async () => {
    const ended = await McpCaller.open(server, bob.token);
    expect((await ended.post('', { method: 'DELETE' })).status).toBe(200);
    for (const [, options] of METHODS) {
      expect((await ended.post(LIST, options)).status).toBe(404);
    }
  }));

it('a session is initialized once', () =>
  attack(async () => {
    const again = await bob.post(INITIALIZE);
    expect(again.status).toBe(400);
    expect(await bob.isWell()).toBe(true);
  }));

it('ids of sessions are random, and stand in no log line', () =>
  attack(async () => {
    const opened = await Promise.all(
      Array.from({ length: 20 }, () => McpCaller.open(server, bob.token)),
    );
    const ids = opened.map(({ session }) => session);
    expect(new Set(ids.flatMap((id) => id.split('-').filter((part) => part.length > 4))).size).toBe(
      // Two of five parts are longer: the first and the last.
      2 * ids.length,
    );
    for (const id of [...ids, alice.session]) {
      expect(server.lines.filter((line) => line.includes(id))).toEqual([]);
    }
    for (const caller of opened) await caller.post('', { method: 'DELETE' });
  }));

const TEMPLATE = { type: 'ref/resource', uri: 'geopera://transfers/{transfer_id}' };

/** What Bob asks in his own session for the sake of Alice's transfer. */
const AT_THE_TRANSFER: readonly (readonly [string, (id: string) => Promise<unknown>])[] = [
  ['transfer_status of it', (id) => bob.call('transfer_status', { transfer_id: id })],
  ['transfer_status of all', () => bob.call('transfer_status')],
  ['transfer_cancel', (id) => bob.call('transfer_cancel', { transfer_id: id })],
  ['to read it', (id) => bob.request('resources/read', { uri: `geopera://transfers/${id}` })],
  [
    'to read it, encoded',
    (id) => bob.request('resources/read', { uri: `geopera://transfers/${id.replace('_', '%5F')}` }),
  ],
  [
    'to follow it',
    (id) => bob.request('resources/subscribe', { uri: `geopera://transfers/${id}` }),
  ],
  ['the list of resources', () => bob.request('resources/list')],
  [
    'a completion of its id',
    (id) =>
      bob.request('completion/complete', {
        ref: TEMPLATE,
        argument: { name: 'transfer_id', value: id.slice(0, 4) },
      }),
  ],
  [
    'a completion of any id',
    () =>
      bob.request('completion/complete', {
        ref: TEMPLATE,
        argument: { name: 'transfer_id', value: '' },
      }),
  ],
];

attacks("Bob asks for Alice's transfer", AT_THE_TRANSFER, async (ask) => {
  const told = JSON.stringify(await ask(transferId)).replaceAll(transferId, '');
  expect(told).not.toMatch(/of_alice|"values":\["|"transfer_id":|geopera:\/\/transfers\/t_/);
  const { facts } = await alice.call('transfer_status', {
    transfer_id: transferId,
    wait_seconds: 0,
  });
  expect(facts).toMatchObject({ status: 'running' });
});

it("what Bob cannot see of Alice's is there for Alice", async () => {
  const { result } = await alice.request('resources/list');
  expect(JSON.stringify(result)).toContain(transferId);
  const uri = `geopera://transfers/${transferId}`;
  const read = await alice.request('resources/read', { uri });
  expect(JSON.stringify(read.result)).toContain('running');
});

it("a notification of Bob's cancels no request of Alice's", () =>
  attack(async () => {
    const waiting = alice.post({
      jsonrpc: '2.0',
      id: 'of-alice',
      method: 'tools/call',
      params: { name: 'transfer_status', arguments: { transfer_id: transferId, wait_seconds: 1 } },
    });
    for (const requestId of ['of-alice', 1, 2, 3]) {
      const params = { requestId, reason: 'no reason' };
      await bob.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
    }
    const { messages } = await waiting;
    expect(messages.map(({ id, result }) => [id, result?.['isError']])).toEqual([
      ['of-alice', undefined],
    ]);
  }));

it("an answer to Bob's request with the id of one of Alice's goes to Bob alone", () =>
  attack(async () => {
    const asked = (caller: McpCaller, name: string) =>
      caller.post({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: {} } });
    const answers = await Promise.all([
      asked(alice, 'transfer_status'),
      asked(bob, 'transfer_status'),
    ]);
    const [toAlice, toBob] = answers.map(({ text }) => text.includes(transferId));
    expect([toAlice, toBob]).toEqual([true, false]);
  }));

attacks<(viewer: McpCaller) => Promise<{ isError: boolean; errorCode: string | undefined }>>(
  "somebody whom the API does not let write, at Alice's upload link",
  [
    ['finish_upload', (caller) => caller.call('finish_upload', { upload_id: uploadId })],
    [
      'a fresh link for it',
      (caller) =>
        caller.call('create_upload_link', {
          upload_id: uploadId,
          files: [{ file_name: 'linked.bin', bytes: 10 }],
        }),
    ],
    [
      'uploads_fail',
      (caller) => caller.call('uploads_fail', { upload_id: uploadId, error_message: 'mine now' }),
    ],
  ],
  async (attempt) => {
    const token = server.sandbox.issueToken({ scopes: ['items:read'], role: 'viewer' });
    server.addSecret(token);
    const { isError, errorCode } = await attempt(await McpCaller.open(server, token));
    expect([isError, errorCode]).toEqual([
      true,
      expect.stringMatching(/scope|permission|forbidden/),
    ]);
    expect(openSession()).toMatchObject({ status: 'open', reserved_bytes: 10 });
  },
);

it("an early finish of Bob's leaves Alice's upload link as it is", () =>
  attack(async () => {
    // He is of the same organization, so it is the API that judges.
    const { errorCode } = await bob.call('finish_upload', { upload_id: uploadId });
    expect(errorCode).toBe('upload_incomplete');
    expect(openSession()).toMatchObject({ status: 'open', reserved_bytes: 10 });
  }));

function openSession() {
  return server.sandbox.state().sessions.find(({ id }) => id === uploadId);
}

const EVENT_IDS: readonly (readonly [string, (id: string) => string])[] = [
  ['of Alice, as it was', (id) => id],
  ['of Alice, in capitals', (id) => id.toUpperCase()],
  ['truncated', (id) => id.slice(0, -4)],
  ['the session alone', (id) => id.split('.')[0] ?? ''],
  ['of a stream that is not', (id) => id.replace(/\.[\w-]+\./, '.another.')],
  ['of a stream with a name that objects have', (id) => id.replace(/\.[\w-]+\./, '.__proto__.')],
  ['from the start', (id) => id.replace(/\d+$/, '0')],
  ['far ahead', (id) => id.replace(/\d+$/, '999999999999999')],
  ['of a negative place', (id) => id.replace(/\d+$/, '-1')],
  ['of no number', (id) => id.replace(/\d+$/, 'NaN')],
  ['of a number too large', (id) => id.replace(/\d+$/, '9'.repeat(400))],
  ['with a star', (id) => id.replace(/\d+$/, '*')],
  ['of Redis, all of them', (id) => id.replace(/\d+$/, '0-0')],
  ['with what splits keys', (id) => `${id}:events:*`],
  ['with a quote', (id) => `"${id}"`],
  ['the words of a header', () => 'data: {}'],
  ['of letters beyond Latin', () => '\u00e9v\u00e8nement'],
  ['very long', () => 'a.'.repeat(4000)],
  ['a path', () => '../../events'],
];

attacks("an event id in Bob's session", EVENT_IDS, async (change) => {
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': change(eventId) };
  const { status, text } = await bob.post('', { method: 'GET', headers });
  expect(status).toBe(410);
  expect(text).not.toContain('data:');
});

attacks("an event id in another session of Alice's", EVENT_IDS.slice(0, 1), async (change) => {
  const other = await McpCaller.open(server, alice.token);
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': change(eventId) };
  expect((await other.post('', { method: 'GET', headers })).status).toBe(410);
});

attacks(
  "a forged event id in Alice's own session",
  // What she changes of her own ids reaches no more than what she was sent before.
  EVENT_IDS.slice(1).filter(([name]) => name !== 'from the start'),
  async (change) => {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': change(eventId) };
    expect((await alice.post('', { method: 'GET', headers })).status).toBe(410);
  },
);

it('two event ids in one request', () =>
  attack(async () => {
    const { status } = await server.exchange({
      method: 'GET',
      headers: [
        ['Host', server.host],
        ...Object.entries(usualHeaders(bob.token, bob.session)),
        ['Last-Event-ID', eventId],
        ['Last-Event-ID', eventId],
      ],
    });
    expect(status).toBe(410);
  }));

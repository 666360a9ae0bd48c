import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedServer, attackedServer } from './attacked_server.ts';
import { attack, attacks } from './figures.ts';
import { INITIALIZE, McpCaller, usualHeaders } from './mcp_caller.ts';

let server: AttackedServer;
let caller: McpCaller;

beforeAll(async () => {
  server = await attackedServer();
  caller = await McpCaller.open(server);
});

afterAll(async () => {
  expect(await caller.isWell()).toBe(true);
  await server.close();
});

const MIB = 1024 * 1024;
const deep = (opening: string, closing: string, times: number) =>
  `${opening.repeat(times)}1${closing.repeat(times)}`;
const call = (args: string, more = '') =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"items_list","arguments":${args}${more}}}`;

interface Sent {
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunked?: boolean;
}

/** Sends a body in the session, whatever it is, over a connection of its own. */
function send({ body, headers = {}, chunked = false }: Sent) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const usual = { ...usualHeaders(caller.token, caller.session), ...headers };
  const framed = chunked
    ? Buffer.concat([
        Buffer.from(`${bytes.length.toString(16)}\r\n`),
        bytes,
        Buffer.from('\r\n0\r\n\r\n'),
      ])
    : bytes;
  return server.exchange({
    headers: [
      ['Host', server.host],
      ...Object.entries(usual),
      chunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(bytes.length)],
    ],
    body: framed,
  });
}

const REFUSED: readonly (readonly [string, { sent: () => Sent; status: number }])[] = [
  ['10 MiB', { sent: () => ({ body: `"${'a'.repeat(10 * MIB)}"` }), status: 413 }],
  [
    '10 MiB in one chunk',
    { sent: () => ({ body: 'a'.repeat(10 * MIB), chunked: true }), status: 413 },
  ],
  [
    '10 MiB of blanks before JSON',
    { sent: () => ({ body: `${' '.repeat(10 * MIB)}{}` }), status: 413 },
  ],
  [
    'a length of more than memory',
    { sent: () => ({ body: '{}', headers: { 'Content-Length': '99999999999999' } }), status: 400 },
  ],
  [
    '100,000 arrays in each other',
    { sent: () => ({ body: deep('[', ']', 100_000) }), status: 400 },
  ],
  [
    '100,000 objects in each other',
    { sent: () => ({ body: deep('{"a":', '}', 100_000) }), status: 400 },
  ],
  ['arrays that never end', { sent: () => ({ body: '['.repeat(3 * MIB) }), status: 400 }],
  [
    'arguments 100,000 deep',
    { sent: () => ({ body: call(deep('[', ']', 100_000)) }), status: 400 },
  ],
  ['65 deep', { sent: () => ({ body: deep('[', ']', 65) }), status: 400 }],
  ['no UTF-8', { sent: () => ({ body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }), status: 400 }],
  [
    'UTF-8 longer than it need be',
    { sent: () => ({ body: Buffer.from([0x22, 0xc0, 0xaf, 0x22]) }), status: 400 },
  ],
  [
    'half of a pair in UTF-8',
    { sent: () => ({ body: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) }), status: 400 },
  ],
  [
    'UTF-16',
    { sent: () => ({ body: Buffer.from(JSON.stringify(INITIALIZE), 'utf16le') }), status: 400 },
  ],
  ['a byte order mark', { sent: () => ({ body: '\ufeff{}' }), status: 400 }],
  ['nothing', { sent: () => ({ body: '' }), status: 400 }],
  ['half of JSON', { sent: () => ({ body: '{"jsonrpc":"2.0"' }), status: 400 }],
  ['two documents', { sent: () => ({ body: '{}{}' }), status: 400 }],
  ['a comment', { sent: () => ({ body: '/* */{}' }), status: 400 }],
  ['a number that is none', { sent: () => ({ body: call('{"limit":NaN}') }), status: 400 }],
  ['a NUL', { sent: () => ({ body: '{"jsonrpc":"2.0\0"}' }), status: 400 }],
  ['a text', { sent: () => ({ body: '"tools/list"' }), status: 400 }],
  ['null', { sent: () => ({ body: 'null' }), status: 400 }],
  ['a number', { sent: () => ({ body: '1' }), status: 400 }],
  [
    'a batch of 10,000',
    {
      sent: () => ({
        body: JSON.stringify(
          Array.from({ length: 10_000 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' })),
        ),
      }),
      status: 400,
    },
  ],
  [
    'a batch that begins anew',
    {
      sent: () => ({
        body: JSON.stringify([INITIALIZE, { jsonrpc: '2.0', id: 1, method: 'ping' }]),
      }),
      status: 400,
    },
  ],
  ['a batch of batches', { sent: () => ({ body: '[[],[[]]]' }), status: 400 }],
  [
    'another version of JSON-RPC',
    { sent: () => ({ body: '{"jsonrpc":"1.0","id":1,"method":"ping"}' }), status: 400 },
  ],
  [
    'a method that is no text',
    { sent: () => ({ body: '{"jsonrpc":"2.0","id":1,"method":{}}' }), status: 400 },
  ],
  [
    'params that are a text',
    {
      sent: () => ({ body: '{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}' }),
      status: 400,
    },
  ],
  [
    'params that are an array',
    {
      sent: () => ({ body: '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}' }),
      status: 400,
    },
  ],
  ...['null', 'true', '{}', '[]', '1.5', '[1]'].map(
    (id) =>
      [
        `an id of ${id}`,
        {
          sent: () => ({ body: `{"jsonrpc":"2.0","id":${id},"method":"tools/list"}` }),
          status: 400,
        },
      ] as const,
  ),
  ...['gzip', 'deflate', 'br', 'zstd', 'identity, gzip', 'x'].map(
    (coding) =>
      [
        `Content-Encoding ${coding}`,
        {
          sent: () => ({
            body: gzipSync(Buffer.alloc(MIB)),
            headers: { 'Content-Encoding': coding },
          }),
          status: 415,
        },
      ] as const,
  ),
  ...[
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    'application/jsonx',
    'application/json-patch+json',
    'xapplication/json',
    'application/json, text/plain',
    'text/plain; a=application/json',
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json; charset=iso-8859-1',
    'application/xml',
  ].map(
    (type) =>
      [
        `Content-Type ${JSON.stringify(type)}`,
        {
          sent: () => ({ body: JSON.stringify(INITIALIZE), headers: { 'Content-Type': type } }),
          status: 415,
        },
      ] as const,
  ),
];

attacks('a body of', REFUSED, async ({ sent, status }) => {
  const answer = await send(sent());
  expect(answer.status, answer.body.slice(0, 200)).toBe(status);
  expect(answer.body).not.toMatch(/node_modules|\.ts:\d|"result"/);
});

/** Members by which objects get other members than were meant. */
const POLLUTION: readonly (readonly [string, string])[] = [
  ['__proto__ in the arguments', call('{"__proto__":{"polluted":1}}')],
  ['__proto__ in an argument', call('{"project_id":{"__proto__":{"polluted":1}}}')],
  ['__proto__ in JSON in an argument', call('"{\\"__proto__\\":{\\"polluted\\":1}}"')],
  ['__proto__ written with escapes', call('{"\\u005f_proto\\u005f_":{"polluted":1}}')],
  ['__proto__ in the params', call('{}', ',"__proto__":{"polluted":1}')],
  ['__proto__ in _meta', call('{}', ',"_meta":{"__proto__":{"polluted":1},"progressToken":1}')],
  [
    '__proto__ in the message',
    '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"polluted":1}}',
  ],
  ['__proto__ in a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"polluted":1}}]'],
  ['constructor.prototype in the arguments', call('{"constructor":{"prototype":{"polluted":1}}}')],
  [
    'constructor.prototype in an argument',
    call('{"project_id":"p","filters":{"constructor":{"prototype":{"polluted":1}}}}'),
  ],
  [
    'constructor.prototype in _meta',
    call('{}', ',"_meta":{"constructor":{"prototype":{"polluted":1}}}'),
  ],
  [
    'prototype members that an argument may have',
    call('{"toString":"x","valueOf":1,"hasOwnProperty":null,"project_id":"p"}'),
  ],
  ['__proto__ as the tool', call('{}').replace('items_list', '__proto__')],
  ['constructor as the tool', call('{}').replace('items_list', 'constructor')],
  ['__proto__ as the method', '{"jsonrpc":"2.0","id":1,"method":"__proto__"}'],
  ['constructor as the method', '{"jsonrpc":"2.0","id":1,"method":"constructor"}'],
  ['__proto__ as the id', '{"jsonrpc":"2.0","id":"__proto__","method":"ping"}'],
  ['constructor as the id', '{"jsonrpc":"2.0","id":"constructor","method":"ping"}'],
  ['__proto__ as the progress token', call('{}', ',"_meta":{"progressToken":"__proto__"}')],
  [
    'a prompt named __proto__',
    '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"__proto__"}}',
  ],
  [
    'a prompt argument named constructor',
    '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"upload_imagery","arguments":{"constructor":"x"}}}',
  ],
  [
    'a completion of __proto__',
    '{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"constructor"},"argument":{"name":"__proto__","value":""}}}',
  ],
  [
    'a resource named constructor',
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"geopera://constructor/__proto__"}}',
  ],
  [
    'a log level of __proto__',
    '{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"__proto__"}}',
  ],
];

attacks('pollution by', POLLUTION, async (body) => {
  const { status, body: words } = await send({ body });
  expect([200, 400]).toContain(status);
  expect(words).not.toContain('"content":[{"type":"text","text":"{');
  const fresh: Record<string, unknown> = {};
  expect(fresh['polluted']).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

const UNUSUAL: readonly (readonly [string, string])[] = [
  ['an empty batch', '[]'],
  ['a key twice', call('{"project_id":"a","project_id":"b"}')],
  ['the method twice', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}'],
  ['a huge number', call('{"project_id":"p","limit":1e400}')],
  ['a number of many digits', call(`{"project_id":"p","limit":${'9'.repeat(100_000)}}`)],
  ['a tiny number', call('{"project_id":"p","limit":1e-400}')],
  ['a negative page', call('{"project_id":"p","limit":-1,"offset":-1}')],
  ['half of a pair', call('{"project_id":"\\ud800"}')],
  ['a NUL in a text', call('{"project_id":"\\u0000"}')],
  ['64 objects in a text', call(JSON.stringify(deep('{"a":', '}', 64)))],
  ['100,000 arrays in a text', call(JSON.stringify(deep('[', ']', 100_000)))],
  ['100,000 objects in a text', call(JSON.stringify({ project_id: deep('{"a":', '}', 100_000) }))],
  ['3 MiB in one argument', call(JSON.stringify({ project_id: 'p'.repeat(3 * MIB) }))],
  [
    '100,000 arguments',
    call(
      JSON.stringify(
        Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`a${at}`, at])),
      ),
    ),
  ],
  ['a tool with a long name', call('{}').replace('items_list', 'x'.repeat(MIB))],
  ['a method with a long name', `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(MIB)}"}`],
  ['an id of 1 MiB', `{"jsonrpc":"2.0","id":"${'x'.repeat(MIB)}","method":"ping"}`],
  ['an id beyond whole numbers', '{"jsonrpc":"2.0","id":1e308,"method":"ping"}'],
  ['a negative id', '{"jsonrpc":"2.0","id":-1,"method":"ping"}'],
  ['a response that nobody waits for', '{"jsonrpc":"2.0","id":12345,"result":{}}'],
  [
    'an error that nobody waits for',
    '{"jsonrpc":"2.0","id":12345,"error":{"code":1,"message":"x"}}',
  ],
  [
    'progress of nothing',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"x","progress":1}}',
  ],
  ['a notification that is none', '{"jsonrpc":"2.0","method":"notifications/none"}'],
  ['a task of its own', call('{}', ',"task":{"ttl":1e15}')],
];

attacks('an unusual message', UNUSUAL, async (body) => {
  const { status, body: words } = await send({ body });
  expect([200, 202, 400]).toContain(status);
  expect(words).not.toMatch(/node_modules|\.ts:\d/);
  // What it says back is short, however long what came was; an id comes back whole.
  expect(words.length).toBeLessThan(body.includes('"id":"x') ? 1.1 * MIB : 20_000);
});

it('a batch costs as many requests as it has', () =>
  attack(async () => {
    const limited = await attackedServer({ config: { rateLimit: '20' } });
    const attacker = await McpCaller.open(limited);
    const batch = (from: number) =>
      Array.from({ length: 100 }, (_, at) => ({
        jsonrpc: '2.0',
        id: from + at,
        method: 'tools/call',
        params: { name: 'items_list', arguments: { project_id: limited.sandbox.projectId } },
      }));
    const answers = await Promise.all([0, 100, 200].map((from) => attacker.post(batch(from))));
    const answered = answers.flatMap(({ messages }) => messages.filter(({ result }) => result));
    expect(answered.length).toBeLessThanOrEqual(20);
    await limited.close();
  }));

it("what one caller sends too much of holds up nobody else's requests to the API", () =>
  attack(async () => {
    const others = await Promise.all([McpCaller.open(server), McpCaller.open(server)]);
    const tooMuch = { project_id: 'p'.repeat(3 * MIB) };
    for (const other of others) {
      expect(await caller.call('items_list', tooMuch)).toMatchObject({ errorCode: 'rejected' });
      expect(await other.isWell()).toBe(true);
    }
  }));

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedServer, attackedServer } from './attacked_server.ts';
import { attack, attacks } from './figures.ts';
import { INITIALIZE, usualHeaders } from './mcp_caller.ts';
import { type RawRequest, sendBytes } from './raw_exchange.ts';

let server: AttackedServer;
let token: string;

beforeAll(async () => {
  server = await attackedServer();
  token = server.issueToken();
});

const body = JSON.stringify(INITIALIZE);

/** All that opens a session, but for what the attack is about. */
function opening(request: Partial<RawRequest> = {}): RawRequest {
  const usual = Object.entries({
    ...usualHeaders(token),
    'Content-Length': String(Buffer.byteLength(body)),
  });
  return { ...request, headers: [...(request.headers ?? []), ...usual], body };
}

/** Turned away before the protocol. */
async function expectRefused(request: RawRequest, statuses: readonly number[]): Promise<void> {
  const { status, body: words } = await server.exchange(request);
  expect(statuses, `${status} ${words}`).toContain(status);
  expect(words).not.toContain('serverInfo');
}

afterAll(async () => {
  expect(await server.openSessions(), 'sessions that attacks have opened').toBe(0);
  const good = opening({ headers: [['Host', server.host]] });
  expect(await server.exchange(good)).toMatchObject({
    status: 200,
    body: expect.stringContaining('serverInfo'),
  });
  await server.close();
});

attacks(
  'Host header',
  [
    'evil.example',
    'evil.example:80',
    '127.0.0.1.nip.io',
    'localhost.evil.example',
    'evil-localhost',
    'xlocalhost',
    'localhost.',
    '127.0.0.1.',
    'localhost.localdomain',
    'user@localhost',
    'localhost@evil.example',
    'user:password@127.0.0.1',
    'localhost:80@evil.example',
    'localhost:3000:80',
    'localhost:99999',
    'localhost:0',
    'localhost:',
    'localhost:http',
    'localhost:-1',
    'localhost:8e1',
    'localhost, evil.example',
    'evil.example, localhost',
    'localhost evil.example',
    'localhost/evil.example',
    'evil.example/localhost',
    'localhost?evil.example',
    'localhost#evil.example',
    'localhost\\evil.example',
    'localhost;evil.example',
    'localhost%00.evil.example',
    'localhost%2eevil.example',
    'http://localhost',
    '*',
    '.',
    '..',
    '-',
    '0',
    '0.0.0.0',
    '127.1',
    '127.0.0.2',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '::1',
    '[::]',
    '[::1',
    '[::1].evil.example',
    '[::1%25lo]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:0:0:1]',
    '[localhost]',
    'mcp.example.org',
    'mcp.example.org:443',
    'mcp.example.org:8444',
    'xmcp.example.org:8443',
    'mcp.example.org.:8443',
    'mcp.example.org.evil.example:8443',
    'a'.repeat(8000),
    '',
    ' ',
    'l\u00f6calhost',
    'localhost\u00a0',
  ].map((host) => [JSON.stringify(host.slice(0, 40)), host] as const),
  (host) => expectRefused(opening({ headers: [['Host', host]] }), [400, 403]),
);

attacks<readonly [() => RawRequest, readonly number[]]>(
  'request for another host',
  [
    ['no Host', [() => opening(), [400, 403]]],
    ['no Host, HTTP/1.0', [() => opening({ version: 'HTTP/1.0' }), [403]]],
    ['an evil Host after a good one', [() => hosts(server.host, 'evil.example'), [400, 403]]],
    ['a good Host after an evil one', [() => hosts('evil.example', server.host), [400, 403]]],
    ['the same Host twice', [() => hosts(server.host, server.host), [400, 403]]],
    [
      'the host in X-Forwarded-Host',
      [
        () =>
          opening({
            headers: [
              ['Host', 'evil.example'],
              ['X-Forwarded-Host', server.host],
            ],
          }),
        [403],
      ],
    ],
    [
      'the host in Forwarded',
      [
        () =>
          opening({
            headers: [
              ['Host', 'evil.example'],
              ['Forwarded', `host=${server.host}`],
            ],
          }),
        [403],
      ],
    ],
    [
      'an absolute target of an evil host, with a good Host',
      [() => targeted('http://evil.example/mcp', server.host), [400, 403, 404]],
    ],
    [
      'an absolute target of this host, with an evil Host',
      [() => targeted(`http://${server.host}/mcp`, 'evil.example'), [403]],
    ],
    ['a target with an authority', [() => targeted('//evil.example/mcp', server.host), [404]]],
    ['the pages of the protocol, in capitals', [() => targeted('/MCP', server.host), [404]]],
    ['a target with dots', [() => targeted('/healthz/../mcp', server.host), [404]]],
    ['a target with encoded dots', [() => targeted('/healthz/%2e%2e/mcp', 'evil.example'), [403]]],
  ],
  ([request, statuses]) => expectRefused(request(), statuses),
);

function hosts(...names: readonly string[]): RawRequest {
  return opening({ headers: names.map((name) => ['Host', name] as const) });
}

function targeted(target: string, host: string): RawRequest {
  return opening({ target, headers: [['Host', host]] });
}

attacks(
  'figures and metadata by an evil Host',
  [
    '/metrics',
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
  ].map((target) => [target, target] as const),
  async (target) => {
    const request = { method: 'GET', target, headers: [['Host', 'evil.example'] as const] };
    expect((await server.exchange(request)).status).toBe(403);
  },
);

/** What two servers in a row may read differently; the second request is the one smuggled. */
const SMUGGLED: readonly (readonly [string, (head: string, smuggled: string) => string])[] = [
  [
    'a length and chunks',
    (head, smuggled) =>
      `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'two lengths',
    (head, smuggled) => `${head}Content-Length: 2\r\nContent-Length: 900\r\n\r\n{}${smuggled}`,
  ],
  ['a length with a sign', (head, smuggled) => `${head}Content-Length: +2\r\n\r\n{}${smuggled}`],
  [
    'chunks under another name',
    (head, smuggled) => `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'chunks that are not the last coding',
    (head, smuggled) => `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'a blank before the colon',
    (head, smuggled) => `${head}Content-Length : 2\r\n\r\n{}${smuggled}`,
  ],
  ['a folded line', (head, smuggled) => `${head}X-A: b\r\n Content-Length: 2\r\n\r\n${smuggled}`],
  [
    'a carriage return alone',
    (head, smuggled) => `${head}X-A: b\rContent-Length: 2\r\n\r\n${smuggled}`,
  ],
  ['a NUL in a value', (head, smuggled) => `${head}X-A: b\0c\r\n\r\n${smuggled}`],
  [
    'a chunk that is longer than it says',
    (head, smuggled) => `${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'a chunk of more digits than a number has',
    (head, smuggled) => `${head}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n${smuggled}`,
  ],
];

it.each(SMUGGLED)('smuggling by %s: no second request is read', (_name, wire) =>
  attack(async () => {
    const usual = Object.entries(usualHeaders(token)).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    const head = `POST /mcp HTTP/1.1\r\nHost: ${server.host}\r\n${usual.join('')}`;
    const length = `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
    const { status, body: words } = await sendBytes(server.port, [
      wire(head, `${head}${length}${body}`),
    ]);
    expect([0, 400]).toContain(status);
    expect(words).not.toContain('serverInfo');
  }),
);

attacks(
  'no request of ours',
  [
    ['CONNECT', `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`],
    ['HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(200, '\0')],
    ['no HTTP', 'EHLO evil.example\r\n\r\n'],
    ['a method that is none', 'P\0ST /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['HTTP/0.9', 'GET /mcp\r\n\r\n'],
    ['too many headers', `GET /mcp HTTP/1.1\r\n${'X-A: b\r\n'.repeat(40_000)}`],
    ['a header without end', `GET /mcp HTTP/1.1\r\nX-A: ${'b'.repeat(40_000)}`],
    ['a target without end', `GET /${'a'.repeat(40_000)} HTTP/1.1\r\n`],
  ],
  async (wire) => {
    const { status, body: words } = await sendBytes(server.port, [wire]);
    expect([0, 400, 403, 431]).toContain(status);
    expect(words).not.toMatch(/serverInfo|stack|node:/);
  },
);

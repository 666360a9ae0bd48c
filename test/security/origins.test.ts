import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedServer, attackedServer, LISTED_ORIGIN } from './attacked_server.ts';
import { attack } from './figures.ts';
import { INITIALIZE, usualHeaders } from './mcp_caller.ts';
import { type RawRequest, valuesOf } from './raw_exchange.ts';

let server: AttackedServer;
let token: string;

beforeAll(async () => {
  server = await attackedServer();
  token = server.issueToken();
});
afterAll(() => server.close());

const body = JSON.stringify(INITIALIZE);
type Fields = readonly (readonly [string, string])[];

const REQUESTS: readonly (readonly [string, (origin: Fields) => RawRequest])[] = [
  [
    'POST',
    (origin) => ({
      headers: [...usual(), ...origin, ['Content-Length', String(Buffer.byteLength(body))]],
      body,
    }),
  ],
  [
    // What a form of a web page can send without asking first.
    'POST of a form',
    (origin) => ({
      headers: [
        ['Host', server.host],
        ['Content-Type', 'text/plain'],
        ...origin,
        ['Content-Length', String(Buffer.byteLength(body))],
      ],
      body,
    }),
  ],
  ['GET', (origin) => ({ method: 'GET', headers: [...usual(), ...origin] })],
  ['DELETE', (origin) => ({ method: 'DELETE', headers: [...usual(), ...origin] })],
  [
    'GET of the figures',
    (origin) => ({
      method: 'GET',
      target: '/metrics',
      headers: [['Host', server.host], ...origin],
    }),
  ],
  [
    'preflight',
    (origin) => ({
      method: 'OPTIONS',
      headers: [
        ['Host', server.host],
        ...origin,
        ['Access-Control-Request-Method', 'POST'],
        ['Access-Control-Request-Headers', 'authorization,content-type'],
        ['Access-Control-Request-Private-Network', 'true'],
      ],
    }),
  ],
];

function usual(): Fields {
  return [['Host', server.host], ...Object.entries(usualHeaders(token))];
}

/** `HERE` stands for the server's own host and port. */
const ORIGINS: readonly (readonly string[])[] = [
  ['null'],
  [''],
  ['*'],
  ['http://evil.example'],
  ['https://evil.example'],
  ['http://localhost.evil.example'],
  ['http://localhost:1'],
  ['http://127.0.0.1'],
  ['http://127.0.0.1:1'],
  ['http://HERE1'],
  ['http://HERE.evil.example'],
  ['http://evil.example/HERE'],
  ['http://HERE@evil.example'],
  ['http://evil.example#HERE'],
  ['http://HERE/'],
  ['http://HERE, http://evil.example'],
  ['http://HERE http://evil.example'],
  ['ws://HERE'],
  ['file://HERE'],
  ['file://'],
  ['data:'],
  ['chrome-extension://abcdefghijklmnop'],
  ['//HERE'],
  ['HERE'],
  ['http://[::1]'],
  ['http://app.example.org'],
  [`${LISTED_ORIGIN}:444`],
  [`${LISTED_ORIGIN}.evil.example`],
  [`${LISTED_ORIGIN}/`],
  [`${LISTED_ORIGIN}/evil`],
  [`${LISTED_ORIGIN}@evil.example`],
  [`${LISTED_ORIGIN} ${LISTED_ORIGIN}`],
  [`${LISTED_ORIGIN}, https://evil.example`],
  ['https://evil.app.example.org'],
  ['https://evilapp.example.org'],
  ['https://appxexample.org'],
  ['https://app.example.org.'],
  ['https://example.org'],
  [LISTED_ORIGIN.toUpperCase()],
  [LISTED_ORIGIN, 'https://evil.example'],
  ['https://evil.example', LISTED_ORIGIN],
  [LISTED_ORIGIN, LISTED_ORIGIN],
  ['http://HERE', 'http://evil.example'],
];

const rows = REQUESTS.flatMap(([name, request]) =>
  ORIGINS.map((origins) => ({ name, origins, request })),
);

it.each(rows)('$name from a page of $origins is refused, and told nothing', (row) =>
  attack(async () => {
    const origin = row.origins.map(
      (value) => ['Origin', value.replaceAll('HERE', server.host)] as const,
    );
    const answer = await server.exchange(row.request(origin));
    expect(answer.status).toBe(403);
    expect(answer.headers.filter(([name]) => name.startsWith('access-control'))).toEqual([]);
    expect(valuesOf(answer, 'mcp-session-id')).toEqual([]);
  }),
);

it.each(REQUESTS)('%s of a listed page is answered, for that page alone', async (name, request) => {
  const answer = await server.exchange(request([['Origin', LISTED_ORIGIN]]));
  expect(answer.status, name).not.toBe(403);
  expect(valuesOf(answer, 'access-control-allow-origin')).toEqual([LISTED_ORIGIN]);
  expect(valuesOf(answer, 'vary')).toContain('Origin');
  expect(valuesOf(answer, 'access-control-allow-credentials')).toEqual([]);
});

it('without an origin no page is told anything', async () => {
  for (const [, request] of REQUESTS) {
    const answer = await server.exchange(request([]));
    expect(answer.headers.filter(([name]) => name.startsWith('access-control'))).toEqual([]);
  }
});

import { afterAll, beforeAll, expect } from 'vitest';
import { type AttackedServer, attackedServer } from './attacked_server.ts';
import { attacks } from './figures.ts';
import { INITIALIZE, McpCaller, usualHeaders } from './mcp_caller.ts';
import { type RawRequest, valuesOf } from './raw_exchange.ts';

let server: AttackedServer;
let token: string;

beforeAll(async () => {
  server = await attackedServer();
  token = server.issueToken();
});

afterAll(async () => {
  expect(await server.openSessions(), 'sessions that attacks have opened').toBe(0);
  expect(await (await McpCaller.open(server, token)).isWell()).toBe(true);
  await server.close();
});

type Fields = readonly (readonly [string, string])[];

const body = JSON.stringify(INITIALIZE);

/** A request that lacks nothing but a token. */
function opening(fields: Fields, { target = '/mcp', content = body } = {}): RawRequest {
  return {
    target,
    headers: [
      ['Host', server.host],
      ...Object.entries(usualHeaders()),
      ...fields,
      ['Content-Length', String(Buffer.byteLength(content))],
    ],
    body: content,
  };
}

const authorization = (...values: readonly string[]): Fields =>
  values.map((value) => ['Authorization', value] as const);

/** A JSON Web Token as a realm would sign it, for whoever cares to believe it. */
function webToken(header: object, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

const claims = { iss: 'https://auth.geopera.com/realms/public', sub: 'admin', scope: '*' };
const GARBAGE: readonly (readonly [string, () => string])[] = [
  ['nothing that was issued', () => 'gpra_nobody_has_this_key_000000'],
  ['the token of somebody, one letter short', () => token.slice(0, -1)],
  ['the token of somebody, one letter more', () => `${token}a`],
  ['the token of somebody in capitals', () => token.toUpperCase()],
  ['a web token that is over', () => webToken({ alg: 'RS256' }, { ...claims, exp: 1 })],
  ['a web token without a signature', () => webToken({ alg: 'none' }, { ...claims, exp: 4e9 })],
  ['a web token of a year beyond all dates', () => webToken({}, { ...claims, exp: 1e308 })],
  [
    'a web token that names a key of its own',
    () => webToken({ jku: 'https://evil.example' }, claims),
  ],
  ['dots alone', () => '...'],
  ['a path', () => '../../etc/passwd'],
  ['the longest that is looked at', () => 'a'.repeat(8000)],
];

const FIELDS: readonly (readonly [string, () => Fields])[] = [
  ['no token', () => []],
  ['a token in X-API-Key', () => [['X-API-Key', token]]],
  [
    'a token in a cookie',
    () => [['Cookie', `access_token=${token}; Authorization=Bearer ${token}`]],
  ],
  ['a token in Proxy-Authorization', () => [['Proxy-Authorization', `Bearer ${token}`]]],
  ['an empty Authorization', () => authorization('')],
  ['Bearer alone', () => authorization('Bearer')],
  ['Bearer and blanks', () => authorization('Bearer   ')],
  ['a token without a scheme', () => authorization(token)],
  [
    'the scheme Basic',
    () => authorization(`Basic ${Buffer.from(`a:${token}`).toString('base64')}`),
  ],
  ['the scheme Token', () => authorization(`Token ${token}`)],
  ['the scheme DPoP', () => authorization(`DPoP ${token}`)],
  ['a scheme that begins like Bearer', () => authorization(`Bearers ${token}`)],
  ['a tab after Bearer', () => authorization(`Bearer\t${token}`)],
  ['a token and more', () => authorization(`Bearer ${token} ${token}`)],
  ['a token and a comma', () => authorization(`Bearer ${token}, Bearer ${token}`)],
  ['a token in quotes', () => authorization(`Bearer "${token}"`)],
  ['two good tokens', () => authorization(`Bearer ${token}`, `Bearer ${token}`)],
  ['a good token after a bad one', () => authorization('Bearer bad', `Bearer ${token}`)],
  ['a bad token after a good one', () => authorization(`Bearer ${token}`, 'Bearer bad')],
  ['a token beside Basic', () => authorization('Basic YTpi', `Bearer ${token}`)],
  ['characters that no token has', () => authorization('Bearer caf\u00e9')],
  ['a token too long to look at', () => authorization(`Bearer ${'a'.repeat(9000)}`)],
  ...GARBAGE.map(([name, made]) => [name, () => authorization(`Bearer ${made()}`)] as const),
];

/** How each of them is turned away: never as if it had been a good one. */
async function expectChallenged(request: RawRequest): Promise<void> {
  const answer = await server.exchange(request);
  expect([400, 401]).toContain(answer.status);
  expect(valuesOf(answer, 'mcp-session-id')).toEqual([]);
  const [challenge = '', ...more] = valuesOf(answer, 'www-authenticate');
  expect(more).toEqual([]);
  expect(challenge).toMatch(/^Bearer (\w+="[^"\\\r\n]*"(, )?)+$/);
  expect(challenge).toContain(
    `resource_metadata="http://${server.host}/.well-known/oauth-protected-resource/mcp"`,
  );
}

attacks('to begin with', FIELDS, (fields) => expectChallenged(opening(fields())));

attacks<() => RawRequest>(
  'a token elsewhere',
  [
    ['in the query', () => opening([], { target: `/mcp?access_token=${token}` })],
    [
      'in the query, as a header',
      () => opening([], { target: `/mcp?Authorization=Bearer%20${token}` }),
    ],
    ['in X-Request-Id', () => opening([['X-Request-Id', token]])],
    ['in the path', () => ({ ...opening([]), target: `/mcp;access_token=${token}` })],
    [
      'in the body',
      () => opening([], { content: JSON.stringify({ ...INITIALIZE, access_token: token }) }),
    ],
    [
      'in the meta of the request',
      () =>
        opening([], {
          content: JSON.stringify({
            ...INITIALIZE,
            params: { ...INITIALIZE.params, _meta: { authorization: `Bearer ${token}` } },
          }),
        }),
    ],
    [
      'in a form',
      () => ({
        headers: [
          ['Host', server.host],
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['Content-Length', String(`access_token=${token}`.length)],
        ],
        body: `access_token=${token}`,
      }),
    ],
  ],
  async (request) => {
    const { status } = await server.exchange(request());
    expect([401, 404]).toContain(status);
  },
);

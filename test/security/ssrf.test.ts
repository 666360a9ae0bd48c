import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { TransferError } from '../../src/transfer/failures/transfer_error.ts';
import { createRemoteAccess } from '../../src/transfer/sources/remote_access.ts';
import { openRemoteSource } from '../../src/transfer/sources/remote_source.ts';
import { type AttackedServer, attackedServer } from './attacked_server.ts';
import { attack, attacks } from './figures.ts';
import { McpCaller } from './mcp_caller.ts';
import { REFUSED_HOSTS, REFUSED_URLS } from './ssrf_addresses.ts';

let server: AttackedServer;
let caller: McpCaller;
/** Counts who comes; nobody may. */
let canary: Server;
let connections = 0;
let canaryPort: number;
/** At 127.0.0.2, which some of the attacks are allowed to visit; it leads elsewhere. */
let origin: Server;
let originPort: number;
let visits = 0;

const bound = z.object({ port: z.number() });

beforeAll(async () => {
  server = await attackedServer();
  caller = await McpCaller.open(server);
  canary = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  // Loopback of both kinds, and whatever else is this machine.
  canary.listen(0, '::');
  await once(canary, 'listening');
  canaryPort = bound.parse(canary.address()).port;
  origin = createHttpServer(({ url = '' }, response) => {
    visits += 1;
    const to = new URL(url, 'http://origin').searchParams.get('to');
    const location = {
      '/again': '/again',
      '/onwards': redirectTo(`http://127.0.0.1:${canaryPort}/`),
    };
    const next = Object.entries(location).find(([path]) => path === (to ?? url))?.[1];
    // As its bytes are: Node writes headers in Latin-1.
    const bytes = Buffer.from(next ?? to ?? '').toString('latin1');
    response.writeHead(302, { Location: bytes, Connection: 'close' }).end();
  });
  origin.listen(0, '127.0.0.2');
  await once(origin, 'listening');
  originPort = bound.parse(origin.address()).port;
});

afterAll(async () => {
  expect(connections, 'connections to the canary').toBe(0);
  expect(server.sandbox.state().sessions, 'upload sessions that were opened').toEqual([]);
  expect(await caller.isWell()).toBe(true);
  canary.close();
  origin.close();
  await server.close();
});

async function expectRefused(url: string): Promise<void> {
  const project_id = server.sandbox.projectId;
  const { isError, errorCode, text } = await caller.call('upload_from_url', {
    url,
    project_id,
    file_name: 'a.tif',
  });
  expect([isError, errorCode], text).toEqual([
    true,
    // A resolver may also know nothing of a name of loopback.
    expect.stringMatching(/^(address_refused|invalid_arguments|source_unavailable)$/),
  ]);
}

attacks(
  'https',
  REFUSED_HOSTS.map(({ host, what }) => [`${host} (${what})`, host] as const),
  (host) => expectRefused(`https://${host}:${canaryPort}/a.tif`),
);

attacks(
  'http',
  REFUSED_HOSTS.map(({ host, what }) => [`${host} (${what})`, host] as const),
  (host) => expectRefused(`http://${host}:${canaryPort}/a.tif`),
);

attacks(
  'a URL',
  [
    ...REFUSED_URLS.map(({ url, what }) => [`${url} (${what})`, () => url] as const),
    ['of a name of loopback', () => `https://localhost:${canaryPort}/a.tif`],
    ['of a name of loopback, with a dot', () => `https://localhost.:${canaryPort}/a.tif`],
    ['of a name of loopback, in capitals', () => `HTTPS://LOCALHOST:${canaryPort}/a.tif`],
    ['with blanks around', () => ` https://127.0.0.1:${canaryPort}/a.tif `],
    ['with tabs in it', () => `https://127.0.\t0.1:${canaryPort}/a.tif`],
    ['with line ends in it', () => `https://127.0.0.1\r\n:${canaryPort}/a.tif`],
    ['with backslashes', () => `https:\\\\127.0.0.1:${canaryPort}\\a.tif`],
    ['with one slash', () => `https:/127.0.0.1:${canaryPort}/a.tif`],
    ['without slashes', () => `https:127.0.0.1:${canaryPort}/a.tif`],
    ['with a user that looks like a host', () => `https://8.8.8.8@127.0.0.1:${canaryPort}/a.tif`],
    [
      'with a user that ends in a backslash',
      () => `https://203.0.113.1\\@127.0.0.1:${canaryPort}/a.tif`,
    ],
    ['without a scheme', () => `//127.0.0.1:${canaryPort}/a.tif`],
    ['of a blob', () => `blob:https://127.0.0.1:${canaryPort}/a.tif`],
    ['of a script', () => 'javascript:fetch("https://127.0.0.1")'],
    ['of jar', () => `jar:https://127.0.0.1:${canaryPort}/a.jar!/a.tif`],
    ['of a dictionary server', () => `dict://127.0.0.1:${canaryPort}/a`],
    ['of LDAP', () => `ldap://127.0.0.1:${canaryPort}/a`],
    ['of a cloud bucket', () => 'gs://bucket/a.tif'],
  ],
  (url) => expectRefused(url()),
);

/** What the resolver says of a name. */
const RESOLVED: readonly (readonly [string, readonly string[]])[] = [
  ['loopback', ['127.0.0.1']],
  ['loopback of IPv6', ['::1']],
  ['an allowed address and loopback', ['127.0.0.2', '127.0.0.1']],
  ['loopback and an allowed address', ['127.0.0.1', '127.0.0.2']],
  ['a public address and metadata', ['8.8.8.8', '169.254.169.254']],
  ['loopback, mapped', ['::ffff:127.0.0.1']],
  ['loopback, behind NAT64', ['64:ff9b::7f00:1']],
  ['a private address', ['10.0.0.1']],
  ['no address', ['canary.example']],
  ['nothing', []],
];

attacks('a name that resolves to', RESOLVED, async (addresses) => {
  for (const scheme of ['https', 'http']) {
    await expectUnreachable(`${scheme}://name.example:${canaryPort}/a.tif`, () => addresses);
  }
});

attacks(
  'a redirect from an allowed host to http',
  REFUSED_HOSTS.map(({ host, what }) => [`${host} (${what})`, host] as const),
  (host) => expectUnreachable(redirectTo(`http://${host}:${canaryPort}/a.tif`)),
);

attacks(
  'a redirect from an allowed host to https',
  REFUSED_HOSTS.map(({ host, what }) => [`${host} (${what})`, host] as const),
  (host) => expectUnreachable(redirectTo(`https://${host}:${canaryPort}/a.tif`)),
);

attacks(
  'a redirect to',
  [
    ...REFUSED_URLS.filter(({ url }) => !url.startsWith('http:')).map(
      ({ url, what }) => [`${url} (${what})`, url] as const,
    ),
    ['nowhere', ''],
    ['itself, for ever', '/again'],
    ['another redirect to loopback', '/onwards'],
    ['a line end', 'https://127.0.0.1/\tX: y'],
  ],
  (to) => expectUnreachable(redirectTo(to)),
);

it('a name that is another address at its second connection leads nowhere', () =>
  attack(async () => {
    let asked = 0;
    const before = visits;
    const url = `http://name.example:${originPort}/?to=${encodeURIComponent(`http://name.example:${canaryPort}/`)}`;
    await expectUnreachable(url, () => {
      asked += 1;
      return [asked === 1 ? '127.0.0.2' : '127.0.0.1'];
    });
    expect([asked, visits - before]).toEqual([2, 1]);
  }));

function redirectTo(location: string): string {
  return `http://127.0.0.2:${originPort}/?to=${encodeURIComponent(location)}`;
}

/** Fetches in a world in which 127.0.0.2 is allowed and names are what the test says. */
async function expectUnreachable(
  url: string,
  resolve: (host: string) => readonly string[] = () => [],
): Promise<void> {
  const remote = createRemoteAccess({
    rules: { hosts: [], networks: ['127.0.0.2'], allowHttp: true },
    userAgent: 'test',
    engine: { limits: { backoffBaseMs: 1, backoffCapMs: 1, connectMs: 1_000 } },
    resolve: async (host) =>
      resolve(host).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });
  const { signal } = new AbortController();
  const opened = openRemoteSource(new URL(url), remote, signal);
  await expect(opened).rejects.toBeInstanceOf(TransferError);
  await remote.engine.close();
}

import type { LookupAddress } from 'node:dns';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createConnectionGate } from '../../../src/transfer/http/connection_gate.ts';
import { HttpConnections } from '../../../src/transfer/http/connection_pool.ts';
import type { Resolver } from '../../../src/transfer/http/name_lookups.ts';
import type { RemoteAccess } from '../../../src/transfer/sources/remote_access.ts';
import { REFUSED_HOSTS, REFUSED_URLS } from '../../security/ssrf_addresses.ts';
import { closing, failure, noise, using } from './fixtures.ts';
import { CLIENT_TLS, httpOrigin } from './origin.ts';
import { bytesOf, opened, remoteAccess, serveFile } from './remote_sources.ts';

const BYTES = noise(500_000);
const ALLOWED: LookupAddress = { address: '127.0.0.1', family: 4 };
/** A third address of this machine, for a server that may be reached where 127.0.0.1 may not. */
const ELSEWHERE = '127.0.0.3';
const FORBIDDEN: LookupAddress = { address: '127.0.0.2', family: 4 };

const fileServer = () => using(httpOrigin(serveFile({ bytes: BYTES, headers: { etag: '"1"' } })));

/** The URL of a server as one with a name. */
const named = (url: string, name = 'data.test') => url.replace('127.0.0.1', name);

/** Gives one answer after the other, the last one over and over, and counts how often it was asked. */
function resolving(...answers: readonly (readonly LookupAddress[])[]) {
  const asked: string[] = [];
  const resolve: Resolver = async (host) => {
    asked.push(host);
    return [...(answers[Math.min(asked.length, answers.length) - 1] ?? [])];
  };
  return { resolve, asked };
}

/** Counts connections to the same port at an address that is not allowed. */
async function trap(url: string): Promise<{ readonly caught: number }> {
  const seen = { caught: 0 };
  const server = createServer((socket) => {
    seen.caught += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(Number(new URL(url).port), FORBIDDEN.address, resolve);
  });
  closing(async () => server.close());
  return seen;
}

describe('a name', () => {
  it('is resolved once a connection, and the connection goes where the resolution said', async () => {
    const { url, heads } = await fileServer();
    const { resolve, asked } = resolving([ALLOWED]);
    const source = await opened(named(url), remoteAccess({ resolve }).access);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(asked).toEqual(['data.test']);
    expect(heads[0]).toContain(`Host: data.test:${new URL(url).port}`);
  });

  it('that leads elsewhere a moment later leads nowhere', async () => {
    const { url } = await fileServer();
    const caught = await trap(url);
    const { resolve, asked } = resolving([ALLOWED], [FORBIDDEN]);
    const { access } = remoteAccess({ resolve });
    const source = await opened(named(url), access);
    expect(asked.length).toBe(1);
    // The first connection is in use, so a second one is made, and the name resolved again.
    expect(await failure(bytesOf(source, { start: 10, end: 20 }))).toMatchObject({
      code: 'address_refused',
      outcome: 'fatal',
    });
    expect(asked.length).toBe(2);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(caught).toEqual({ caught: 0 });
  });

  it.each<[string, readonly LookupAddress[]]>([
    ['one refused address', [FORBIDDEN]],
    ['a refused address behind an allowed one', [ALLOWED, FORBIDDEN]],
    ['a refused address before an allowed one', [FORBIDDEN, ALLOWED]],
    ['a mapped refused address', [{ address: '::ffff:127.0.0.2', family: 6 }]],
    ['the metadata of a cloud', [{ address: '169.254.169.254', family: 4 }]],
  ])('with %s is refused, and nothing connects', async (_what, answer) => {
    const { url, heads } = await fileServer();
    const caught = await trap(url);
    const error = await failure(
      opened(named(url), remoteAccess({ resolve: resolving(answer).resolve }).access),
    );
    expect(error).toMatchObject({ code: 'address_refused', attempts: 1 });
    expect(error.message).toBe('the host data.test is not at an address of the public internet.');
    expect(heads).toEqual([]);
    expect(caught).toEqual({ caught: 0 });
  });

  it('over TLS is held to the same', async () => {
    const { url } = await using(httpOrigin(serveFile({ bytes: BYTES }), { tls: true }));
    const engine = { tls: CLIENT_TLS };
    const good = resolving([ALLOWED]);
    const source = await opened(named(url), remoteAccess({ engine, ...good }).access);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(good.asked).toEqual(['data.test']);
    const { resolve } = resolving([FORBIDDEN]);
    expect(
      await failure(opened(named(url), remoteAccess({ engine, resolve }).access)),
    ).toMatchObject({ code: 'address_refused' });
  });

  it.each<[string, Resolver]>([
    ['no address', async () => []],
    [
      'no entry',
      async (host) => {
        throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
      },
    ],
  ])('with %s is refused as one inside is: who asks learns of no name', async (_what, resolve) => {
    const told = async (access: RemoteAccess) => {
      const { message, code, outcome, attempts } = await failure(
        opened('http://intranet.test/a', access),
      );
      return { message, code, outcome, attempts };
    };
    const inside = resolving([FORBIDDEN]);
    expect(await told(remoteAccess({ resolve }).access)).toEqual(
      await told(remoteAccess({ resolve: inside.resolve }).access),
    );
  });

  it('of this machine is refused by what the system resolves it to', async () => {
    const { url } = await fileServer();
    const { access } = remoteAccess({ rules: { networks: [] } });
    expect(await failure(opened(named(url, 'localhost'), access))).toMatchObject({
      code: 'address_refused',
    });
  });
});

it('where a connection has gone has the last word over what was looked up', async () => {
  const { url, heads } = await fileServer();
  const gate = createConnectionGate({ hosts: [], networks: [], allowHttp: true });
  const connections = new HttpConnections({
    connectMs: 10_000,
    // As a machine that leads a public address to one of its own.
    gate: {
      ...gate,
      lookup: (_host, { all }, callback) => {
        if (all === true) callback(null, [ALLOWED]);
        else callback(null, ALLOWED.address, ALLOWED.family);
      },
    },
  });
  closing(async () => connections.close());
  await expect(connections.open(new URL(named(url)), [])).rejects.toMatchObject({
    code: 'address_refused',
  });
  expect(heads).toEqual([]);
});

describe('a redirect', () => {
  const redirecting = (location: string, tls = false) =>
    using(httpOrigin((_request, response) => response.writeHead(302, { location }).end(), { tls }));

  it('is followed, and its target judged the same way', async () => {
    const target = await fileServer();
    const { url } = await redirecting(named(target.url, 'b.test'));
    const { resolve, asked } = resolving([ALLOWED]);
    const source = await opened(named(url, 'a.test'), remoteAccess({ resolve }).access);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(asked).toEqual(['a.test', 'b.test']);
  });

  it.each(REFUSED_HOSTS)('to $host ($what) is refused', async ({ host }) => {
    // A header has no room for what is not ASCII; a URL means the same with it percent-encoded.
    const ascii = host.replace(/[^\x20-\x7e]/g, encodeURIComponent);
    const front = createHttpServer((_request, response) =>
      response.writeHead(302, { location: `http://${ascii}/latest/meta-data` }).end(),
    );
    await new Promise<void>((resolve) => front.listen(0, ELSEWHERE, resolve));
    closing(async () => front.close().closeAllConnections());
    const { port } = z.object({ port: z.number() }).parse(front.address());
    const { access } = remoteAccess({ rules: { networks: [ELSEWHERE] } });
    expect(await failure(opened(`http://${ELSEWHERE}:${port}/a`, access))).toMatchObject({
      code: 'address_refused',
      attempts: 1,
    });
  });

  it('to this machine is refused where only another one is allowed', async () => {
    const target = await fileServer();
    const { url } = await redirecting(target.url);
    const { resolve } = resolving([ALLOWED]);
    const rules = { hosts: ['data.test'] };
    const error = await failure(opened(named(url), remoteAccess({ rules, resolve }).access));
    expect(error.code).toMatch(/^(address|redirect)_refused$/);
    expect(target.heads).toEqual([]);
  });

  it.each(REFUSED_URLS.filter(({ what }) => what !== 'plain http'))(
    'to $url is refused',
    async ({ url: to }) => {
      const { url } = await redirecting(to);
      const error = await failure(opened(url, remoteAccess().access));
      expect(error.code).toMatch(/^(address|redirect)_refused$/);
    },
  );

  it('from https to http is refused', async () => {
    const target = await fileServer();
    const { url } = await redirecting(target.url, true);
    const { access } = remoteAccess({ engine: { tls: CLIENT_TLS } });
    expect(await failure(opened(url, access))).toMatchObject({ code: 'redirect_refused' });
    expect(target.heads).toEqual([]);
  });

  it('to a host that is not named is refused', async () => {
    const target = await fileServer();
    const { url } = await redirecting(named(target.url, 'other.test'));
    const { resolve } = resolving([ALLOWED]);
    const rules = { hosts: ['*.data.test'] };
    const { access } = remoteAccess({ rules, resolve });
    const error = await failure(opened(named(url, 'a.data.test'), access));
    expect(error).toMatchObject({
      code: 'address_refused',
      message: 'the host other.test is not one of the hosts that this server may fetch from.',
    });
    expect(target.heads).toEqual([]);
  });

  it('after redirect ends', async () => {
    const { url, heads } = await using(
      httpOrigin((request, response) =>
        response.writeHead(307, { location: `${request.url}x` }).end(),
      ),
    );
    expect(await failure(opened(url, remoteAccess().access))).toMatchObject({
      code: 'redirect_refused',
    });
    expect(heads.length).toBe(6);
  });

  it('is followed again for what is missing after a break', async () => {
    const target = await using(
      httpOrigin(
        serveFile({
          bytes: BYTES,
          headers: { etag: '"1"' },
          breaksAfter: (n) => (n === 1 ? 200_000 : undefined),
        }),
      ),
    );
    const front = await redirecting(target.url);
    const source = await opened(front.url, remoteAccess().access);
    expect((await bytesOf(source)).equals(BYTES)).toBe(true);
    expect(front.heads.length).toBe(2);
    expect(target.heads[1]).toContain('Range: bytes=200000-499999');
  });
});

it('a proxy of the environment is not asked, which would resolve names itself', async () => {
  const { url } = await fileServer();
  const proxy = await using(httpOrigin((_request, response) => response.writeHead(502).end()));
  vi.stubEnv('http_proxy', proxy.url);
  vi.stubEnv('HTTPS_PROXY', proxy.url);
  const { resolve } = resolving([ALLOWED]);
  const source = await opened(named(url), remoteAccess({ resolve }).access);
  expect((await bytesOf(source)).equals(BYTES)).toBe(true);
  expect(proxy.heads).toEqual([]);
});

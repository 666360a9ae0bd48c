import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { type Spawned, spawnCommand } from '../e2e/spawned.ts';
import { attack, wasSearched } from './figures.ts';
import { INITIALIZE, usualHeaders } from './mcp_caller.ts';
import { exchange } from './raw_exchange.ts';
import { searchForSecrets } from './secret_search.ts';

const announcement = z.object({ url: z.string() });
const bound = z.object({ port: z.number() });

/** All that the command may be told of passwords; none of it may be told on. */
const REDIS_PASSWORD = 'redis-password-5d0c9e';
const PROXY_PASSWORD = 'proxy-password-77aa1b';

let folder: string;
let child: Spawned | undefined;

afterEach(async () => {
  child?.process.kill('SIGTERM');
  await child?.ended;
  child = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** What the process said on both of its outputs holds none of the secrets. */
function expectDiscreet({ lines, stderr }: Spawned, secrets: readonly string[]): void {
  const said = [...lines, ...stderr().split('\n')];
  const found = searchForSecrets(secrets, { lines: said, pages: [], answers: [] });
  wasSearched({
    secrets: secrets.length,
    logLines: said.length,
    answers: 0,
    pages: 0,
    found: found.length,
  });
  expect(found).toEqual([]);
}

it('the command as it is installed says no secret on its outputs, whatever it is sent', () =>
  attack(async () => {
    folder = await mkdtemp(join(tmpdir(), 'geopera-attacked-'));
    const sandbox = await startSandbox({ dataDir: join(folder, 'sandbox') });
    const token = sandbox.issueToken({ scopes: ['*'] });
    const unused = 'gpra_of_the_environment_0123456789';
    child = spawnCommand({
      args: ['http', '--port', '0', '--log-level', 'debug', '--state-dir', join(folder, 'state')],
      env: { GEOPERA_API_URL: sandbox.url, GEOPERA_API_TOKEN: unused },
    });
    const { url } = announcement.parse(await child.message(() => true));
    const { host, port } = new URL(url);
    const call = (name: string, args: object) => ({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args },
    });
    const { projectId: project_id } = sandbox;
    const link = call('create_upload_link', { project_id, files: [{ file_name: 'a', bytes: 1 }] });
    const opened = await fetch(url, {
      method: 'POST',
      headers: usualHeaders(token),
      body: JSON.stringify(INITIALIZE),
    });
    await opened.text();
    const session = opened.headers.get('mcp-session-id') ?? '';
    sandbox.inject({
      on: 'items.get',
      do: { status: 500, body: { detail: `Bearer ${token}` } },
      times: 9,
    });
    for (const [target, sent, as] of [
      ['/mcp', link, token],
      ['/mcp', call('items_get', { item_id: token }), token],
      ['/mcp', call(token, {}), token],
      [`/mcp?access_token=${token}`, link, undefined],
      [`/${token}`, link, token],
      ['/mcp', link, `${token}0`],
      [
        '/mcp',
        call('upload_from_url', { project_id, url: `https://u:${token}@10.0.0.1/a.tif` }),
        token,
      ],
    ] as const) {
      const body = JSON.stringify(sent);
      await exchange(Number(port), {
        target,
        headers: [
          ['Host', host],
          ...Object.entries(usualHeaders(as, session)),
          ['X-Request-Id', token],
          ['Content-Length', String(body.length)],
        ],
        body,
      });
    }
    const figures = await (await fetch(new URL('/metrics', url))).text();
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    expect(child.stderr().split('\n').length).toBeGreaterThan(7);
    expectDiscreet(child, [token, sandbox.token, unused, session]);
    expect(searchForSecrets([token, unused], { lines: [], pages: [figures], answers: [] })).toEqual(
      [],
    );
    await sandbox.close();
  }));

it('a Redis that cannot be reached is named without its password', () =>
  attack(async () => {
    folder = await mkdtemp(join(tmpdir(), 'geopera-attacked-'));
    const closed = createServer();
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = bound.parse(closed.address());
    closed.close();
    child = spawnCommand({
      args: ['http', '--sandbox', '--port', '0', '--log-level', 'debug'],
      env: {
        GEOPERA_REDIS_URL: `redis://somebody:${REDIS_PASSWORD}@127.0.0.1:${port}/0`,
        HTTPS_PROXY: `http://somebody:${PROXY_PASSWORD}@127.0.0.1:${port}`,
      },
    });
    await Promise.race([child.ended, child.message(() => true)]);
    child.process.kill('SIGTERM');
    await child.ended;
    expectDiscreet(child, [REDIS_PASSWORD, PROXY_PASSWORD]);
  }));

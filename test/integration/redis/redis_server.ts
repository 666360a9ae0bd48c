import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const PASSWORD = 'SECRET-of-redis';

const program = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'redis-server'))
  .find((path) => existsSync(path));

/** For the title of what is skipped. */
export const needsRedis = program === undefined ? ' (skipped: there is no redis-server)' : '';

/** A Redis of the test's own, which keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  readonly password: string;
  /** As a crash would. */
  kill(): Promise<void>;
  /** At the same address, with nothing in it. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'geopera-mcp-redis-'));
  let running: ChildProcess | undefined;
  async function start() {
    const keep = ['--save', '', '--appendonly', 'no', '--dir', folder];
    const where = ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', PASSWORD];
    running = spawn(program ?? '', [...where, ...keep], { stdio: ['ignore', 'pipe', 'ignore'] });
    await ready(running);
  }
  async function kill() {
    const ended = running;
    running = undefined;
    if (ended === undefined) return;
    const exited = once(ended, 'exit');
    ended.kill('SIGKILL');
    await exited;
  }
  await start();
  return {
    url: `redis://:${PASSWORD}@127.0.0.1:${port}`,
    password: PASSWORD,
    kill,
    start,
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('Ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`redis-server ended: ${said}`)));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port }: AddressInfo = addressOf(probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address;
}

import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { spawnCommand } from '../../e2e/spawned.ts';
import { startNginx } from './nginx.ts';

const announcement = z.object({ url: z.string() });
const RUNNING = /^geopera_mcp_transfers_running\{kind="upload"\} (\d+)$/m;

/** One `geopera-mcp http` of the built package. */
export interface ReplicaProcess {
  /** Where it serves the protocol, past any proxy. */
  readonly url: URL;
  /** As it counts them itself. */
  runningUploads(): Promise<number>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, which is not waited for. */
  askToEnd(): void;
  /** Resolves with how it ended. */
  readonly ended: Promise<number | string>;
}

export interface Fleet {
  readonly sandbox: Sandbox;
  /** An allowed folder. */
  readonly folder: string;
  /** Behind nginx. */
  readonly replicas: readonly ReplicaProcess[];
  /** Where nginx serves them. */
  readonly url: URL;
  /** A client of nginx. */
  connect(): Promise<Client>;
  /** Another one, which nginx knows nothing of. */
  startBeside(): Promise<ReplicaProcess>;
  close(): Promise<void>;
}

/**
 * A sandbox, two servers before it, each with a state folder of its own, and nginx before them, with the
 * configuration of this repository. Whoever asks in this process trusts its certificate.
 *
 * @param args of both servers
 */
export async function startFleet(args: readonly string[]): Promise<Fleet> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'geopera-mcp-replicas-')));
  const folder = join(base, 'work');
  await mkdir(folder);
  const cleanUps = [() => rm(base, { recursive: true, force: true })];
  const sandbox = await startSandbox({ dataDir: join(base, 'sandbox') });
  cleanUps.push(() => sandbox.close());
  let started = 0;
  async function start(): Promise<ReplicaProcess> {
    started += 1;
    const stateDir = join(base, `state-${started}`);
    const given = ['--port', '0', '--rate-limit', '0', '--allow-dir', folder, ...args];
    const replica = await startReplica([...given, '--state-dir', stateDir], sandbox);
    cleanUps.push(() => replica.kill());
    return replica;
  }
  const replicas = [await start(), await start()];
  const nginx = await startNginx(replicas.map(({ url }) => url.host));
  cleanUps.push(() => nginx.close());
  const usual = getGlobalDispatcher();
  const trusting = new Agent({ connect: { ca: nginx.certificate } });
  setGlobalDispatcher(trusting);
  cleanUps.push(async () => {
    setGlobalDispatcher(usual);
    await trusting.destroy();
  });
  return {
    sandbox,
    folder,
    replicas,
    url: nginx.url,
    async connect() {
      const client = new Client({ name: 'test', version: '1.0.0' });
      const headers = { Authorization: `Bearer ${sandbox.token}` };
      await client.connect(
        new StreamableHTTPClientTransport(nginx.url, { requestInit: { headers } }),
      );
      cleanUps.push(() => client.close());
      return client;
    },
    startBeside: start,
    async close() {
      for (const cleanUp of cleanUps.reverse()) await cleanUp();
    },
  };
}

async function startReplica(args: readonly string[], sandbox: Sandbox): Promise<ReplicaProcess> {
  const child = spawnCommand({ args: ['http', ...args], env: { GEOPERA_API_URL: sandbox.url } });
  // Its announcement is the only line, and no JSON-RPC.
  await child.message(() => true);
  const url = new URL(announcement.parse(JSON.parse(child.lines[0] ?? '')).url);
  return {
    url,
    async runningUploads() {
      const figures = await (await fetch(new URL('/metrics', url))).text();
      return Number(RUNNING.exec(figures)?.[1] ?? 0);
    },
    async kill() {
      child.process.kill('SIGKILL');
      await child.ended;
    },
    askToEnd: () => void child.process.kill('SIGTERM'),
    ended: child.ended,
  };
}

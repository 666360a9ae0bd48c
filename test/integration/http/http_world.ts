import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach } from 'vitest';
import { type HttpServer, openHttpServer } from '../../../src/commands/http_server.ts';
import { configSchema } from '../../../src/config.ts';
import { createProcessWorld } from '../../../src/context.ts';
import type { Log, LogLevel } from '../../../src/log.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { type Clock, createTransferEngine } from '../../../src/transfer/engine.ts';

export interface HttpWorldOptions {
  /** Settings by name, as `configSchema` takes them. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** By which sessions age, calls wait and owners are missed. */
  readonly clock?: Clock;
  /** By which transfers retry. */
  readonly engineClock?: Clock;
  /** Another server, whose Geopera and folder this one has too. */
  readonly beside?: Pick<HttpWorld, 'sandbox' | 'folder'>;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface ConnectedClient {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  readonly sessionId: string;
}

/** A server over HTTP whose Geopera is a sandbox, where each token is a principal of its own. */
export interface HttpWorld {
  readonly sandbox: Sandbox;
  readonly server: HttpServer;
  readonly url: URL;
  /** An allowed folder. */
  readonly folder: string;
  readonly lines: readonly LogLine[];
  /** A token of another principal, with every scope. */
  newToken(): string;
  connect(token?: string): Promise<ConnectedClient>;
  /** Bare HTTP to the endpoint; a JSON body makes it a POST. */
  fetch(options: RawRequest): Promise<Response>;
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Ends with the test. */
export async function openHttpWorld(options: HttpWorldOptions = {}): Promise<HttpWorld> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'geopera-http-')));
  cleanUps.push(() => rm(base, { recursive: true, force: true }));
  const { sandbox, folder } = options.beside ?? (await openGeopera(base));
  const config = configSchema.parse({
    httpPort: '0',
    rateLimit: '0',
    drainSeconds: '2',
    allowDirs: [folder],
    stateDir: join(base, 'state'),
    // Each operation as a tool, and no questions, unless a test is about these.
    toolsets: ['all'],
    confirm: 'never',
    ...options.config,
  });
  const lines: LogLine[] = [];
  const log = keptLog(lines);
  const engine = createTransferEngine(options.engineClock && { clock: options.engineClock });
  const world = createProcessWorld(config, log, engine, options.clock);
  const account = { apiUrl: sandbox.url, token: config.apiToken, lastingName: sandbox.url };
  const server = await openHttpServer(config, account, log, { world });
  cleanUps.push(async () => {
    await server.drain();
    await engine.close();
  });
  const url = new URL(server.url);
  return {
    sandbox,
    server,
    url,
    folder,
    lines,
    newToken: () => sandbox.issueToken({ scopes: ['*'] }),
    connect: (token = sandbox.token) => connect(url, token),
    fetch: (request) => send(url, request, sandbox.token),
  };
}

async function openGeopera(base: string): Promise<Pick<HttpWorld, 'sandbox' | 'folder'>> {
  const folder = join(base, 'work');
  await mkdir(folder);
  const sandbox = await startSandbox({ dataDir: join(base, 'sandbox') });
  cleanUps.push(() => sandbox.close());
  return { sandbox, folder };
}

async function connect(url: URL, token: string): Promise<ConnectedClient> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  cleanUps.push(() => client.close());
  await client.connect(transport);
  return { client, transport, sessionId: transport.sessionId ?? '' };
}

function send(url: URL, request: RawRequest, mainToken: string): Promise<Response> {
  const { method, path = url.pathname, headers = {}, body, signal } = request;
  const token = 'token' in request ? request.token : mainToken;
  return fetch(new URL(path, url), {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      Accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

function keptLog(lines: LogLine[]): Log {
  const writer = (level: LogLevel) => (facts: LogLine['facts'], message: string) => {
    lines.push({ level, facts, message });
  };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    flushed: async () => undefined,
  };
}

export function initialize(id = 1): object {
  return {
    jsonrpc: '2.0',
    id,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1.0.0' },
    },
  };
}

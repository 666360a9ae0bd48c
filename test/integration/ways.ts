import {
  Client as OtherClient,
  StreamableHTTPClientTransport as OtherHttpTransport,
} from '@modelcontextprotocol/client';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { openHttpServer } from '../../src/commands/http_server.ts';
import type { Config } from '../../src/config.ts';
import { createProcessWorld } from '../../src/context.ts';
import type { FileAccess } from '../../src/tools/file_access.ts';
import { serveStdio } from '../../src/transports/stdio.ts';
import { clientTransport, openPipes } from '../unit/transports/stream_client.ts';
import {
  type CallOptions,
  connectInMemory,
  localServer,
  type PreparedServer,
  sdkClient,
} from './world.ts';

/** A client, whichever library it is of. */
export interface TestClient
  extends Pick<
    Client,
    | 'close'
    | 'complete'
    | 'getInstructions'
    | 'getPrompt'
    | 'listPrompts'
    | 'listResources'
    | 'listResourceTemplates'
    | 'ping'
    | 'readResource'
    | 'setLoggingLevel'
    | 'subscribeResource'
  > {
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
}

/** A client that is connected to a server. */
export interface Connected {
  readonly client: TestClient;
  callTool(name: string, args: object, options: CallOptions): Promise<unknown>;
  /** Calls back with the URI of each resource that the server says has changed. */
  onResourceChanged(heard: (uri: string) => void): void;
  /** Has the server stop, as at its end: resolves once nothing that it began is left. */
  stopServer(): Promise<unknown>;
  /** After that nothing of both is left, also if the server was stopped before. */
  close(): Promise<void>;
}

/** How a client reaches a server. */
export interface Way {
  readonly name: string;
  /** How the client's files reach the server. */
  readonly access: FileAccess;
  /** Whether the server knows the client from one request to the next. */
  readonly remembers: boolean;
  /** Whether the server asks the client which folders are allowed. */
  readonly asksForRoots: boolean;
  connect(prepared: PreparedServer): Promise<Connected>;
}

const LOCAL = { access: 'paths', remembers: true, asksForRoots: true } as const;
const HTTP = { access: 'both', remembers: true, asksForRoots: false } as const;

export const WAYS: readonly Way[] = [
  { ...LOCAL, name: 'memory', connect: inMemory },
  { ...LOCAL, name: 'stdio', connect: overStdio },
  { ...HTTP, name: 'HTTP', connect: (prepared) => overHttp(prepared, {}) },
  {
    ...HTTP,
    name: 'HTTP without sessions',
    remembers: false,
    connect: (prepared) => overHttp(prepared, { stateless: true }),
  },
  { ...HTTP, name: 'HTTP, with the client of the next SDK', connect: withOtherClient },
];

async function inMemory(prepared: PreparedServer): Promise<Connected> {
  const { client, drain } = await connectInMemory(prepared);
  return { ...asked(client), stopServer: drain, close: () => client.close() };
}

async function overStdio(prepared: PreparedServer): Promise<Connected> {
  const mcp = localServer(prepared);
  const pipes = openPipes();
  const served = serveStdio(mcp, { ...pipes, log: prepared.log, drainMs: 10_000 });
  const client = sdkClient(prepared);
  await client.connect(clientTransport(pipes));
  return {
    ...asked(client),
    stopServer: mcp.drain,
    async close() {
      await client.close();
      await served;
    },
  };
}

interface HttpOptions {
  readonly stateless?: boolean;
}

async function overHttp(prepared: PreparedServer, options: HttpOptions): Promise<Connected> {
  const http = await startHttp(prepared, options);
  const client = sdkClient(prepared);
  await client.connect(new StreamableHTTPClientTransport(http.url));
  return { ...asked(client), ...ending(client, http) };
}

/** Everybody may call, and does so with the account's own token, as with `--token-from-env`. */
async function startHttp(prepared: PreparedServer, { stateless = false }: HttpOptions) {
  const { account, log, engine, callClock } = prepared;
  const config: Config = {
    ...prepared.config,
    ...{ tokenFromEnv: true, httpPort: 0, rateLimit: 0, drainSeconds: 1, stateless },
  };
  const world = createProcessWorld(config, log, engine, callClock);
  const server = await openHttpServer(config, account, log, { world });
  let drained: Promise<void> | undefined;
  return {
    url: new URL(server.url),
    stop() {
      drained ??= server.drain();
      return drained;
    },
  };
}

function ending(
  client: Pick<TestClient, 'close'>,
  http: { stop(): Promise<void> },
): Pick<Connected, 'stopServer' | 'close'> {
  return {
    stopServer: () => http.stop(),
    async close() {
      await client.close();
      await http.stop();
    },
  };
}

/** What a client of the SDK is asked for, where the other one is asked in other words. */
function asked(client: Client): Pick<Connected, 'client' | 'callTool' | 'onResourceChanged'> {
  return {
    client,
    callTool: (name, args, options) =>
      client.callTool({ name, arguments: { ...args } }, CallToolResultSchema, options),
    onResourceChanged: (heard) =>
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
        heard(params.uri),
      ),
  };
}

/** It asks for the next revision of the protocol first, and makes do with what the server speaks. */
async function withOtherClient(prepared: PreparedServer): Promise<Connected> {
  const http = await startHttp(prepared, {});
  const client = new OtherClient(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(new OtherHttpTransport(http.url));
  return {
    client,
    callTool: (name, args, options) => client.callTool({ name, arguments: { ...args } }, options),
    onResourceChanged: (heard) =>
      client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
        heard(params.uri),
      ),
    ...ending(client, http),
  };
}

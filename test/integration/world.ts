import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import {
  CallToolResultSchema,
  type ElicitRequest,
  ElicitRequestSchema,
  type ElicitResult,
  ListRootsRequestSchema,
  type Progress,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { ConnectedServices } from '../../src/commands/connected_services.ts';
import { offeredBy } from '../../src/commands/offered.ts';
import { openServices } from '../../src/commands/services.ts';
import { type Config, configSchema } from '../../src/config.ts';
import { type Account, createServerContext } from '../../src/context.ts';
import { createLog, type Log } from '../../src/log.ts';
import { shutDown } from '../../src/protocol/running_requests.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';
import { buildServer } from '../../src/server.ts';
import { processKey } from '../../src/tools/consent/consent.ts';
import {
  type Clock,
  createTransferEngine,
  type TransferEngine,
  type TransferLimits,
} from '../../src/transfer/engine.ts';
import type { ServedOverStdio } from '../../src/transports/stdio.ts';

/** How a client answers for its user; it gets the signal by which the server takes its question back. */
export type Elicited = (
  params: ElicitRequest['params'],
  signal: AbortSignal,
) => ElicitResult | Promise<ElicitResult>;

export interface WorldOptions {
  readonly sandbox?: Omit<SandboxOptions, 'dataDir'>;
  /** Makes the token that the server uses; the sandbox's main token if absent. */
  readonly token?: (sandbox: Sandbox) => string | undefined;
  /** Settings by name, as `configSchema` takes them. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Downloads note what they have, so that a later one goes on from there. */
  readonly resumes?: boolean;
  /** By which transfers retry; without it all waits of the engine pass at once. */
  readonly engineClock?: Clock;
  readonly limits?: Partial<TransferLimits>;
  /** How busy this thread looks to a download, which decides on its streams by that. */
  readonly watchLoad?: () => () => number;
  /** By which calls wait for transfers; the time of the machine if absent. */
  readonly callClock?: Clock;
  /** Folder URIs that the client offers as roots; it offers none if absent. */
  readonly roots?: (folder: string) => readonly string[];
  /** Answers what the server asks the user; the client cannot ask if absent. */
  readonly elicited?: Elicited;
  /** Where lines are kept; they are written to stderr if absent. */
  readonly log?: Log;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: Progress) => void;
  /** After so many milliseconds the client gives the call up. */
  readonly timeout?: number;
}

export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly content: readonly unknown[];
  readonly errorCode: unknown;
}

/** A sandbox, and what a server on it is made of. */
export interface PreparedServer {
  readonly sandbox: Sandbox;
  /** An allowed folder of its own. */
  readonly folder: string;
  readonly config: Config;
  readonly account: Account & { readonly sandboxProjectId: string };
  readonly log: Log;
  readonly engine: TransferEngine;
  /** The other services that the settings name. */
  readonly services: ConnectedServices | undefined;
  /** By which calls wait for transfers. */
  readonly callClock: Clock;
  /** Folder URIs that the client offers as roots; it offers none if absent. */
  readonly roots: (() => readonly string[]) | undefined;
  readonly elicited: Elicited | undefined;
  close(): Promise<void>;
}

export interface World {
  readonly sandbox: Sandbox;
  /** An allowed folder of its own. */
  readonly folder: string;
  readonly client: Client;
  readonly mcp: ServedOverStdio;
  call(tool: string, args: object, options?: CallOptions): Promise<Answer>;
  /** Names of all files in the allowed folder. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

/** Waits of the engine pass at once, so that polls and backoffs cost a test no time. */
const hurriedClock: Clock = {
  now: () => Date.now(),
  wait: async (_ms, signal) => {
    await new Promise(setImmediate);
    signal.throwIfAborted();
  },
};

/** A server on a sandbox of its own, with a real client connected in memory. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const prepared = await prepareServer(options);
  const { sandbox, folder } = prepared;
  const { client, ...mcp } = await connectInMemory(prepared);
  return {
    sandbox,
    folder,
    client,
    mcp,
    call: (tool, args, callOptions) => call(client, tool, args, callOptions),
    files: () => readdir(folder),
    async close() {
      await client.close();
      await prepared.close();
    },
  };
}

/** All that a server needs but a way to its client. */
export async function prepareServer(options: WorldOptions): Promise<PreparedServer> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'geopera-mcp-test-')));
  const folder = join(base, 'work');
  await mkdir(folder);
  const sandbox = await startSandbox({ ...options.sandbox, dataDir: join(base, 'sandbox') });
  const token = options.token === undefined ? sandbox.token : options.token(sandbox);
  const config = configSchema.parse({
    allowDirs: options.roots === undefined ? [folder] : [],
    logLevel: 'error',
    // Each operation as a tool, and no questions, unless a test is about these.
    toolsets: ['all'],
    confirm: 'never',
    ...(options.resumes === true && { stateDir: join(base, 'state') }),
    ...options.config,
  });
  const engine = createTransferEngine({
    clock: options.engineClock ?? hurriedClock,
    ...(options.limits && { limits: options.limits }),
    ...(options.watchLoad && { watchLoad: options.watchLoad }),
  });
  const { roots: offered } = options;
  const log = options.log ?? createLog(config.logLevel);
  return {
    sandbox,
    folder,
    config,
    account: { apiUrl: sandbox.url, token, sandboxProjectId: sandbox.projectId },
    log,
    engine,
    services: await openServices(config, log),
    callClock: options.callClock ?? createTransferEngine().clock,
    roots: offered && (() => offered(folder)),
    elicited: options.elicited,
    async close() {
      await engine.close();
      await sandbox.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** The server of one client, whose files it reaches by their paths. */
export function localServer(prepared: PreparedServer): ServedOverStdio {
  const { config, account, log, engine, callClock, services } = prepared;
  const context = createServerContext(config, account, log, engine, callClock);
  const { now } = context.clock;
  const tools = { services: services?.tools, confirmationKey: processKey(), now };
  const offer = offeredBy(config, { ...context, ...tools });
  const { server, drain } = buildServer(offer, context);
  const { jobs } = context;
  return { server, drain: () => Promise.all([drain(), jobs.cancelAll(shutDown)]) };
}

/** A server and its client, with nothing between them. */
export async function connectInMemory(
  prepared: PreparedServer,
): Promise<ServedOverStdio & { readonly client: Client }> {
  const mcp = localServer(prepared);
  const client = sdkClient(prepared);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await mcp.server.connect(theirs);
  await client.connect(ours);
  return { ...mcp, client };
}

/** A client that is connected to nothing yet. */
export function sdkClient({
  roots,
  elicited,
}: Partial<Pick<PreparedServer, 'roots' | 'elicited'>> = {}): Client {
  const capabilities = { ...(roots && { roots: {} }), ...(elicited && { elicitation: {} }) };
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities });
  if (roots !== undefined) {
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: roots().map((uri) => ({ uri })),
    }));
  }
  if (elicited !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) =>
      elicited(params, signal),
    );
  }
  return client;
}

async function call(
  client: Client,
  tool: string,
  args: object,
  options: CallOptions = {},
): Promise<Answer> {
  // Listing first makes the client check every answer against the tool's output schema.
  await client.listTools();
  return answerOf(
    await client.callTool({ name: tool, arguments: { ...args } }, CallToolResultSchema, options),
  );
}

/** @param given what a client made of the answer to a call */
export function answerOf(given: unknown): Answer {
  const result = CallToolResultSchema.parse(given);
  const error = result._meta?.['geopera/error'];
  return {
    isError: result.isError ?? false,
    text: result.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n'),
    facts: result.structuredContent ?? {},
    content: result.content,
    errorCode:
      typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined,
  };
}

/** What an upload tool answers, as far as tests look at it. */
export const uploadFacts = z.object({
  upload_id: z.string(),
  item_ids: z.array(z.string()),
  files: z.array(
    z.object({ file_name: z.string(), crc32c: z.string(), storage_crc32c: z.string() }),
  ),
});

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { COMMAND } from '../e2e/spawned.ts';
import type { SandboxProcess } from './sandbox_process.ts';

export interface ServerAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The built server over stdio, with a real client; made to be killed. */
export interface ServerProcess {
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<ServerAnswer>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Ends it as a host does. */
  close(): Promise<void>;
  stderr(): string;
}

export interface ServerPlace {
  readonly sandbox: SandboxProcess;
  readonly folders: readonly string[];
  /** What `XDG_STATE_HOME` names. */
  readonly stateHome: string;
  /** A command that becomes the one that follows it, such as `setpriv`. */
  readonly through?: readonly string[];
}

/** Spawns a server, not waiting for it to answer: it can be killed at any moment from now on. */
export async function spawnServer({
  sandbox,
  folders,
  stateHome,
  through = [],
}: ServerPlace): Promise<{
  readonly server: ServerProcess;
  readonly ready: Promise<void>;
}> {
  const allowed = folders.flatMap((folder) => ['--allow-dir', folder]);
  const [command = process.execPath, ...args] = [...through, process.execPath, COMMAND, ...allowed];
  const transport = new StdioClientTransport({
    command,
    args,
    env: {
      GEOPERA_API_URL: sandbox.url,
      GEOPERA_API_TOKEN: sandbox.token,
      XDG_STATE_HOME: stateHome,
      GEOPERA_LOG_LEVEL: 'info',
    },
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const client = new Client({ name: 'faults', version: '1.0.0' });
  const gone = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  const connected = client.connect(transport);
  // A server that is killed while it starts never connects, which its killer knows.
  connected.catch(() => undefined);
  await started(transport);
  const { pid } = transport;
  const server: ServerProcess = {
    async call(name, args) {
      const result = CallToolResultSchema.parse(
        await client.callTool({ name, arguments: { ...args } }, CallToolResultSchema),
      );
      return {
        isError: result.isError ?? false,
        text: result.content.flatMap((it) => (it.type === 'text' ? [it.text] : [])).join('\n'),
        facts: result.structuredContent ?? {},
      };
    },
    async kill() {
      if (pid !== null) process.kill(pid, 'SIGKILL');
      await gone;
    },
    close: () => client.close(),
    stderr: () => stderr,
  };
  return { server, ready: connected };
}

export async function startServer(place: ServerPlace): Promise<ServerProcess> {
  const { server, ready } = await spawnServer(place);
  await ready;
  return server;
}

/** `connect` spawns the process in the turns that follow. */
async function started(transport: StdioClientTransport): Promise<void> {
  while (transport.pid === null) await new Promise((resolve) => setImmediate(resolve));
}

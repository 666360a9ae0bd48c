import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { VERSION } from '../version.ts';

const CALL_TIMEOUT_MS = 24 * 3_600_000;

/** What variables that configure the server begin with. */
const SETTINGS = ['GEOPERA_', 'OPTERYX_', 'GEOLENS_'];

export type OnProgress = (done: number, total: number | undefined) => void;

/** An MCP client that talks to a server of its own, as an agent's host does. */
export interface DemoClient {
  /** The structured content of the answer. Throws with the tool's own words if it is an error. */
  call(tool: string, args: object, onProgress?: OnProgress): Promise<unknown>;
  close(): Promise<void>;
}

export interface DemoServer {
  /** The built command. */
  readonly script: string;
  /** What its environment says of the services. */
  readonly env: Readonly<Record<string, string>>;
  /** Those it may read and write. */
  readonly folders: readonly string[];
  readonly flags?: readonly string[];
  /** Hears what the user of a host would be asked; the answer here is always yes. */
  onQuestion(question: string): void;
  /** Ends the call that waits; the server is ended by `close`. */
  readonly signal: AbortSignal;
}

/** Spawns the built server over stdio, and connects to it. */
export async function startDemoClient(server: DemoServer): Promise<DemoClient> {
  const client = new Client(
    { name: 'geopera-mcp-demo', version: VERSION },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    server.onQuestion(params.message);
    return { action: 'accept', content: { approve: true } };
  });
  const allowed = server.folders.flatMap((folder) => ['--allow-dir', folder]);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [server.script, ...allowed, ...(server.flags ?? [])],
    env: { ...inherited(), ...server.env },
    stderr: 'inherit',
  });
  const { signal } = server;
  await client.connect(transport, { signal });
  return {
    async call(tool, args, onProgress) {
      const result = CallToolResultSchema.parse(
        await client.callTool({ name: tool, arguments: { ...args } }, CallToolResultSchema, {
          timeout: CALL_TIMEOUT_MS,
          signal,
          ...(onProgress === undefined
            ? {}
            : { onprogress: ({ progress, total }) => onProgress(progress, total) }),
        }),
      );
      if (result.isError === true) throw new Error(textOf(result.content));
      return result.structuredContent;
    },
    close: () => client.close(),
  };
}

function textOf(content: readonly { type: string; text?: unknown }[]): string {
  return content.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

/** The environment of this process, less what would point the server elsewhere. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !SETTINGS.some((prefix) => entry[0].startsWith(prefix)),
    ),
  );
}

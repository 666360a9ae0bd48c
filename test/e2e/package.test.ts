import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { searchOperations } from '../../src/tools/operations/search_operations.ts';
import { createToolbox, type Toolbox } from '../../src/tools/toolbox.ts';
import { everyTool } from '../unit/tools/every_tool.ts';
import { toolCall } from '../unit/tools/tool_calls.ts';
import { workflowWorld } from '../unit/workflows/workflow_world.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let command: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'));
  command = join(folder, 'dist', 'cli.cjs');
  await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** Starts the copied command with an empty home of its own. */
async function connect(args: readonly string[] = []): Promise<Client> {
  const client = new Client({ name: 'package-test', version: '0.0.0' });
  const env = { HOME: folder };
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [command, ...args], env }),
  );
  return client;
}

const listings = (toolbox: Toolbox) => [...toolbox.values()].map(({ listing }) => listing);

describe('the built command', () => {
  it('lists the tools of the source, without what is loaded on demand', async () => {
    await rm(join(folder, 'dist', 'on_demand.cjs'));
    const client = await connect();
    const { tools } = await client.listTools();
    await client.close();
    expect(tools).toEqual(listings(createToolbox('paths')));
  });

  it('lists each operation of the source as a tool, where that is wanted', async () => {
    const client = await connect(['--toolsets', 'all']);
    const { tools } = await client.listTools();
    await client.close();
    expect(tools).toEqual(listings(everyTool('paths')));
  });

  it('finds operations as the source does, in what is loaded on demand', async () => {
    const asked = { query: 'what would this order cost', limit: 10 };
    // As the call of the tests does not.
    const client = await connect(['--confirm', 'never']);
    const found = await client.callTool({ name: searchOperations.name, arguments: asked });
    await client.close();
    const { facts } = await searchOperations.invoke(asked, toolCall(workflowWorld({})));
    expect(facts['operations']).toHaveLength(10);
    expect(found.structuredContent).toEqual(facts);
  });

  it('says the version of package.json', async () => {
    const { version } = await manifest();
    expect((await run(process.execPath, [command, '--version'])).stdout).toBe(`${version}\n`);
  });
});

describe('bytecode', () => {
  const caches = () => join(folder, '.cache', 'geopera-mcp');

  it('is kept by a server, not used if it is broken, and then made anew', async () => {
    const first = await connect();
    const file = await vi.waitFor(
      async () =>
        join(
          caches(),
          z.tuple([z.string().endsWith('.bytecode')]).parse(await readdir(caches()))[0],
        ),
      { timeout: 20_000 },
    );
    await first.close();
    const { size } = await stat(file);
    await writeFile(file, 'no bytecode');

    const second = await connect();
    expect((await second.listTools()).tools.length).toBeGreaterThan(0);
    await vi.waitFor(async () => expect((await stat(file)).size).toBeGreaterThan(size / 2), {
      timeout: 20_000,
    });
    await second.close();
  });
});

describe('the package', () => {
  it('holds what runs and what is read, and nothing else', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
    });
    const [{ files }] = z
      .tuple([z.object({ files: z.array(z.object({ path: z.string() })) })])
      .parse(JSON.parse(stdout));
    expect(files.map(({ path }) => path).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/THIRD_PARTY_NOTICES.txt',
      'dist/cli.cjs',
      'dist/on_demand.cjs',
      'dist/server.cjs',
      'examples/harbour_2024.tif',
      'package.json',
    ]);
  });

  it('needs no other package', async () => {
    expect(Object.keys(await manifest())).not.toContain('dependencies');
  });

  it('carries the licence of each package whose code it holds', async () => {
    const notices = await readFile(join(dirname(command), 'THIRD_PARTY_NOTICES.txt'), 'utf8');
    for (const name of [
      '@modelcontextprotocol/sdk',
      'zod',
      'undici',
      'hash-wasm',
      'minisearch',
      'geotiff',
      'proj4',
      'pino',
    ])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, 'm'));
  });
});

async function manifest() {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).passthrough().parse(JSON.parse(text));
}

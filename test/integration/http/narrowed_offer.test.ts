import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unknownTools } from '../../contract/tool_words.ts';
import { newItem } from '../narrowed_items.ts';
import { openHttpWorld } from './http_world.ts';

/** A client that sends these headers with each of its requests. */
async function connected(headers: Readonly<Record<string, string>>, config: object = {}) {
  const world = await openHttpWorld({ config: { toolsets: undefined, ...config } });
  const client = new Client({ name: 'test', version: '1.0.0' });
  const sent = { Authorization: `Bearer ${world.sandbox.token}`, ...headers };
  const transport = new StreamableHTTPClientTransport(world.url, {
    requestInit: { headers: sent },
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, ...world };
}

const MODES = [
  ['with sessions', {}],
  ['without sessions', { stateless: true }],
] as const;

describe.each(MODES)('a client that wants less, %s', (_, config) => {
  it.each([
    ['no transfers', { 'X-MCP-Exclude-Tools': 'upload_local_file,transfer_status' }],
    ['only what reads', { 'X-MCP-Readonly': 'true' }],
    ['the tools of items', { 'X-MCP-Toolsets': 'items' }],
    ['one tool', { 'X-MCP-Tools': 'items_search' }],
  ])('is told of no tool that it has not, where it wants %s', async (_name, headers) => {
    const { client } = await connected(headers, config);
    const { tools } = await client.listTools();
    // How the name of a tool follows from that of an operation.
    const names = [...tools.map(({ name }) => name), 'items_get'];
    expect(unknownTools(client.getInstructions() ?? '', names)).toEqual([]);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).not.toContain('upload-imagery');
  });

  it('has the prompts of what is left', async () => {
    const { client } = await connected({ 'X-MCP-Exclude-Tools': 'clip.create_from_item' }, config);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['upload-imagery', 'save-clip']);
    const asked = client.getPrompt({
      name: 'download-clip',
      arguments: { item_id: 'i', area: '1,1,2,2', path: '/x' },
    });
    await expect(asked).rejects.toThrow('There is no prompt of that name');
  });

  it('reads no item where it wants none read', async () => {
    const headers = { 'X-MCP-Exclude-Tools': 'items_get' };
    const { client, sandbox } = await connected(headers, config);
    const id = await newItem(sandbox);
    await expect(client.readResource({ uri: `geopera://items/${id}` })).rejects.toThrow(
      'not found',
    );
  });

  it('has all of it where it wants nothing less', async () => {
    const { client, sandbox } = await connected({ 'X-MCP-Readonly': 'false' }, config);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual([
      'upload-imagery',
      'download-clip',
      'save-clip',
    ]);
    const id = await newItem(sandbox);
    expect((await client.readResource({ uri: `geopera://items/${id}` })).contents).toHaveLength(1);
  });
});

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { readRequest } from '../../src/command_line.ts';
import { offeredBy } from '../../src/commands/offered.ts';
import { catalogue, operationById } from '../../src/operations/catalogue.ts';
import type { Effect } from '../../src/operations/operation.ts';
import { ConfigError } from '../../src/settings/config_error.ts';
import { processKey } from '../../src/tools/consent/consent.ts';
import { CALLER_OF } from '../../src/tools/operations/caller_of.ts';
import { exampleInput } from '../../src/tools/operations/example_input.ts';
import type { ToolWishes } from '../../src/tools/selection/tool_selection.ts';
import { toolName } from '../../src/tools/tool_name.ts';
import { anyWishes } from '../unit/tools/selection/wishes.ts';
import { recordsBeside } from './consent_acts.ts';
import { type HttpWorld, openHttpWorld } from './http/http_world.ts';
import { openOver } from './way_world.ts';
import { WAYS } from './ways.ts';
import { answerOf } from './world.ts';

const CALLERS = ['call_read_operation', 'call_write_operation', 'call_destructive_operation'];

/** What a server offers that was started so. */
function offered(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const request = readRequest(args, env);
  if (request.kind !== 'run') throw new Error('it does not run');
  const { tools, prompts } = offeredBy(request.config, {
    access: 'paths',
    confirmationKey: processKey(),
    now: Date.now,
  });
  return {
    tools: tools.listings.map(({ name }) => name),
    listings: tools.listings,
    prompts: prompts.listings.map(({ name }) => name),
  };
}

const ofResource = (resource: string) =>
  catalogue.filter(({ id }) => id.startsWith(`${resource}.`)).map(({ id }) => toolName(id));
const sorted = (names: readonly string[]) => [...names].sort();

describe('flags and the environment', () => {
  const byDefault = offered([]).tools;
  const all = offered(['--toolsets', 'all']).tools;

  it('offer a few tools by default, and each operation with all', () => {
    expect(byDefault).toEqual(expect.arrayContaining([...CALLERS, 'upload_local_file']));
    expect(byDefault.length).toBeLessThan(40);
    expect(all).toEqual(expect.arrayContaining(catalogue.map(({ id }) => toolName(id))));
    expect(all).toEqual(expect.arrayContaining(byDefault));
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, readonly string[]]>([
    ['--toolsets', ['--toolsets', 'orders'], {}, ofResource('orders')],
    [
      '--toolsets, with commas',
      ['--toolsets', 'orders,billing'],
      {},
      [...ofResource('orders'), ...ofResource('billing')],
    ],
    [
      '--toolsets, twice',
      ['--toolsets', 'orders', '--toolsets', 'billing'],
      {},
      [...ofResource('orders'), ...ofResource('billing')],
    ],
    [
      'GEOPERA_TOOLSETS',
      [],
      { GEOPERA_TOOLSETS: 'orders billing' },
      [...ofResource('orders'), ...ofResource('billing')],
    ],
    [
      'a flag before the environment',
      ['--toolsets', 'orders'],
      { GEOPERA_TOOLSETS: 'all' },
      ofResource('orders'),
    ],
    ['--tools', ['--tools', 'orders_get,items.get'], {}, ['items_get', 'orders_get']],
    ['GEOPERA_TOOLS', [], { GEOPERA_TOOLS: 'orders.get' }, ['orders_get']],
    [
      '--tools beside --toolsets',
      ['--toolsets', 'orders', '--tools', 'items_get'],
      {},
      [...ofResource('orders'), 'items_get'],
    ],
    [
      '--exclude-tools',
      ['--toolsets', 'orders', '--exclude-tools', 'orders.cancel,orders_get'],
      {},
      ofResource('orders').filter((name) => !['orders_cancel', 'orders_get'].includes(name)),
    ],
    [
      '--exclude-tools, of what --tools asks for',
      ['--tools', 'orders_get,orders_list', '--exclude-tools', 'orders_get'],
      {},
      ['orders_list'],
    ],
    [
      'GEOPERA_EXCLUDE_TOOLS',
      ['--tools', 'orders_get,orders_list'],
      { GEOPERA_EXCLUDE_TOOLS: 'orders.get' },
      ['orders_list'],
    ],
    ['--read-only', ['--tools', 'orders_get,orders_cancel', '--read-only'], {}, ['orders_get']],
  ])('choose: %s', (_, args, env, names) => {
    expect(sorted(offered(args, env).tools)).toEqual(sorted(names));
  });

  it.each<[string, readonly string[]]>([
    ['--toolsets', ['--toolsets', 'order']],
    ['--toolsets', ['--toolsets', 'Items']],
    ['--toolsets', ['--toolsets', 'api.keys']],
    ['--toolsets', ['--toolsets', 'items_get']],
    ['--tools', ['--tools', 'order_get']],
    ['--tools', ['--tools', 'items']],
    ['--exclude-tools', ['--exclude-tools', 'orders.place,orders.plac']],
    ['--exclude-tools', ['--toolsets', 'all', '--exclude-tools', 'constructor']],
  ])('are refused where %s names what does not exist', (flag, args) => {
    for (const command of ['stdio', 'http']) {
      const start = () => offered(command === 'http' ? ['http', ...args] : args);
      expect(start).toThrow(ConfigError);
      expect(start).toThrow(flag);
    }
  });

  it('say which toolsets there are', () => {
    expect(() => offered(['--toolsets', 'order'])).toThrow(
      /there is no order\. Known: .*\borders\b/,
    );
  });

  it.each([
    ['--toolsets', 'geolens'],
    ['--tools', 'opteryx_upload_file'],
    ['--exclude-tools', 'opteryx.commit_session'],
  ])('say where there is what a service brings: %s %s', (flag, name) => {
    expect(() => offered([flag, name])).toThrow(/only where that service is configured/);
  });

  const HINTS: Readonly<
    Record<Effect, readonly [readOnly: boolean, destructive: boolean, idempotent: boolean]>
  > = {
    read: [true, false, true],
    compute: [false, false, false],
    external_spend: [false, true, false],
    share_export: [false, false, false],
    destructive: [false, true, true],
  };

  it('list each operation, with all, as what it is', () => {
    const { listings } = offered(['--toolsets', 'all']);
    for (const { id, effect } of catalogue) {
      const tool = listings.find(({ name }) => name === toolName(id));
      const [readOnlyHint, destructiveHint, idempotentHint] = HINTS[effect];
      expect(tool?.annotations, id).toMatchObject({
        readOnlyHint,
        destructiveHint,
        idempotentHint,
        openWorldHint: true,
      });
      expect(tool?._meta).toMatchObject({ 'geopera/operation': id });
    }
  });

  it('leave nothing but readers where only reading is wanted', () => {
    for (const { name, annotations } of offered(['--toolsets', 'all', '--read-only']).listings) {
      expect(annotations?.readOnlyHint, name).toBe(true);
      const operation = catalogue.find(({ id }) => toolName(id) === name);
      expect(operation?.effect ?? 'read', name).toBe('read');
    }
  });

  const EVERY_PROMPT = ['upload-imagery', 'download-clip', 'save-clip'];

  it.each<[readonly string[], readonly string[]]>([
    [[], EVERY_PROMPT],
    [['--toolsets', 'all'], EVERY_PROMPT],
    [['--toolsets', 'uploads,items'], ['upload-imagery']],
    [['--toolsets', 'clip'], ['save-clip']],
    [
      ['--toolsets', 'clip,operations'],
      ['download-clip', 'save-clip'],
    ],
    [['--toolsets', 'operations'], []],
    [
      ['--exclude-tools', 'upload_local_files'],
      ['download-clip', 'save-clip'],
    ],
    [
      ['--exclude-tools', 'clip.create_from_item'],
      ['upload-imagery', 'save-clip'],
    ],
    [
      ['--exclude-tools', 'call_destructive_operation'],
      ['upload-imagery', 'save-clip'],
    ],
    [['--exclude-tools', 'transfer_status'], []],
    [['--read-only'], []],
  ])('offer no prompt that needs what cannot be called: %j', (args, prompts) => {
    expect(sorted(offered(args).prompts)).toEqual(sorted(prompts));
  });
});

const shared = WAYS.filter(({ name }) =>
  ['memory', 'HTTP', 'HTTP without sessions'].includes(name),
);
const EXCLUDED = [
  'collections.delete',
  'collections.list',
  'orders.archive.place',
  'api_keys.create',
];

describe.each(shared)('over $name,', (way) => {
  it.each([
    ['by default', {}],
    ['with all', { toolsets: ['all'] }],
    ['with what is excluded asked for', { toolsets: ['default'], tools: EXCLUDED }],
  ])('what is excluded is there in no way, %s', async (_, config) => {
    const world = await openOver(way, {
      config: { confirm: 'never', excludeTools: EXCLUDED, ...config },
    });
    const before = await recordsBeside(world.folder);
    const { tools } = await world.client.listTools();
    const names = tools.map(({ name }) => name);
    for (const id of EXCLUDED) {
      const operation = operationById(id);
      if (operation === undefined) throw new Error(`no ${id}`);
      const { summary, effect, input } = operation;
      expect(names).not.toContain(toolName(id));
      const query = `${id.replaceAll(/[._]/g, ' ')} ${summary}`.slice(0, 400);
      const found = await world.call('search_operations', { query, limit: 20 });
      expect(JSON.stringify(found.facts)).not.toContain(`"${id}"`);
      for (const asked of [id, toolName(id)]) {
        const args = { operation: asked, arguments: exampleInput(input) };
        for (const answer of [
          await world.call('describe_operation', { operation: asked }),
          await world.call(CALLER_OF[effect], args),
        ]) {
          expect(answer).toMatchObject({ isError: true, errorCode: 'operation_left_out' });
          expect(answer.text).toContain(id);
        }
      }
      await expect(world.callTool(toolName(id), exampleInput(input), {})).rejects.toThrow(
        /no tool/,
      );
      // Nor is it named where another was meant.
      const { text } = await world.call('describe_operation', { operation: `${id}s` });
      const [, meant = ''] = /Meant may be (.+);/.exec(text) ?? [];
      expect(meant.split(', ')).not.toContain(id);
    }
    expect(await recordsBeside(world.folder)).toEqual(before);
  });

  it('where only reading is wanted, nothing else is found, described or called', async () => {
    const world = await openOver(way, { config: { toolsets: ['all'], readOnly: true } });
    const before = await recordsBeside(world.folder);
    const { tools } = await world.client.listTools();
    const names = new Set(tools.map(({ name }) => name));
    for (const tool of [
      'call_write_operation',
      'call_destructive_operation',
      'upload_local_file',
      'save_answer_to_path',
    ]) {
      expect(names).not.toContain(tool);
      await expect(world.callTool(tool, {}, {})).rejects.toThrow(/no tool/);
    }
    for (const { id, effect, input } of catalogue) {
      expect(names.has(toolName(id)), id).toBe(effect === 'read');
      if (effect === 'read') continue;
      for (const tool of ['describe_operation', 'call_read_operation']) {
        const given = tool === 'describe_operation' ? {} : { arguments: exampleInput(input) };
        const answer = await world.call(tool, { operation: id, ...given });
        expect(answer, id).toMatchObject({ isError: true, errorCode: 'operation_left_out' });
      }
    }
    for (const query of ['delete an item', 'buy imagery', 'create an api key', 'share a link']) {
      const { facts } = await world.call('search_operations', { query, limit: 20 });
      const { operations } = z
        .object({ operations: z.array(z.object({ call_with: z.string() })) })
        .parse(facts);
      for (const { call_with } of operations) expect(call_with).toBe('call_read_operation');
    }
    expect(await recordsBeside(world.folder)).toEqual(before);
  });
});

/** The headers that say what is wished. */
function headersOf({
  toolsets,
  tools,
  excludeTools,
  readOnly,
}: ToolWishes): Record<string, string> {
  const words = (names: readonly string[]) => names.join(',').replaceAll(/[^\x20-\x7e]/g, '?');
  return {
    ...(toolsets && { 'X-MCP-Toolsets': words(toolsets) }),
    ...(tools && { 'X-MCP-Tools': words(tools) }),
    'X-MCP-Exclude-Tools': words(excludeTools),
    'X-MCP-Readonly': String(readOnly),
  };
}

/** A client whose requests all carry these headers. */
async function connect(world: HttpWorld, headers: Readonly<Record<string, string>>) {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(world.url, {
    requestInit: { headers: { Authorization: `Bearer ${world.sandbox.token}`, ...headers } },
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  const call = async (name: string, args: object) =>
    answerOf(CallToolResultSchema.parse(await client.callTool({ name, arguments: { ...args } })));
  return {
    client,
    call,
    names: async () => (await client.listTools()).tools.map(({ name }) => name),
    /** Whether an operation can be described, and called by its caller. */
    async reaches(id: string): Promise<boolean> {
      const operation = operationById(id);
      if (operation === undefined) throw new Error(`no ${id}`);
      const tool = CALLER_OF[operation.effect];
      const answer = await call(tool, { operation: id, arguments: { wrong: [] } }).catch(
        () => undefined,
      );
      return answer !== undefined && answer.errorCode !== 'operation_left_out';
    },
  };
}

describe.each([
  ['with sessions', {}],
  ['without sessions', { stateless: true }],
])('headers of requests to a server %s', (_, config) => {
  const open = (more: object) =>
    openHttpWorld({ config: { toolsets: undefined, confirm: 'auto', ...config, ...more } });

  it.each<[string, Readonly<Record<string, string>>, (name: string) => boolean]>([
    ['a toolset', { 'X-MCP-Toolsets': 'collections' }, (name) => name === 'collections_list'],
    ['a tool', { 'X-MCP-Tools': 'items_search' }, (name) => name === 'items_search'],
    [
      'a tool by its operation',
      { 'x-mcp-tools': 'items.search' },
      (name) => name === 'items_search',
    ],
    ['all', { 'X-MCP-Toolsets': 'all' }, () => true],
    ['none that exists', { 'X-MCP-Toolsets': 'nothing' }, () => false],
    ['what is not offered', { 'X-MCP-Tools': 'items_delete' }, () => false],
    [
      'to exclude one',
      { 'X-MCP-Exclude-Tools': 'items_search' },
      (name) => name !== 'items_search',
    ],
    ['no tool to exclude', { 'X-MCP-Exclude-Tools': '' }, () => true],
    ['not to read only', { 'X-MCP-Readonly': 'false' }, () => true],
  ])('leave of the tools what is wished: %s', async (_wish, headers, isLeft) => {
    const world = await open({});
    const whole = await (await connect(world, {})).names();
    const left = await (await connect(world, headers)).names();
    expect(left).toEqual(whole.filter(isLeft));
  });

  it('let no more be read than is read only', async () => {
    const world = await open({});
    const { names, reaches, call } = await connect(world, { 'X-MCP-Readonly': 'true' });
    expect(await names()).toContain('call_read_operation');
    expect(await names()).not.toContain('call_write_operation');
    expect(await reaches('collections.list')).toBe(true);
    expect(await reaches('collections.create')).toBe(false);
    const answer = await call('describe_operation', { operation: 'collections.create' });
    expect(answer).toMatchObject({ errorCode: 'operation_left_out' });
    expect(answer.text).toContain('this client');
  });

  it('give back nothing that the operator took away', async () => {
    const world = await open({
      toolsets: ['operations', 'collections'],
      excludeTools: ['collections_delete', 'items.search'],
      readOnly: true,
    });
    const whole = await (await connect(world, {})).names();
    const wishes = {
      'X-MCP-Toolsets': 'all,default,items,collections,operations',
      'X-MCP-Tools':
        'collections_delete,items_search,items.search,collections_create,upload_local_file,call_write_operation',
      'X-MCP-Exclude-Tools': '',
      'X-MCP-Readonly': 'false',
    };
    const { names, call } = await connect(world, wishes);
    expect(await names()).toEqual(whole);
    for (const operation of ['collections.delete', 'items.search', 'collections.create']) {
      const answer = await call('describe_operation', { operation });
      expect(answer).toMatchObject({ errorCode: 'operation_left_out' });
      const read = await call('call_read_operation', { operation });
      expect(read).toMatchObject({ errorCode: 'operation_left_out' });
    }
    await expect(call('collections_create', {})).rejects.toThrow(/no tool/);
    await expect(
      call('call_write_operation', { operation: 'collections.create' }),
    ).rejects.toThrow();
  });

  it('hold for the request that carries them', async () => {
    const world = await open({});
    const one = await connect(world, { 'X-MCP-Exclude-Tools': 'collections.list' });
    const other = await connect(world, {});
    expect(await one.reaches('collections.list')).toBe(false);
    expect(await other.reaches('collections.list')).toBe(true);
    expect(await one.names()).not.toContain('collections_list');
    expect(await other.names()).toContain('collections_list');
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['all', { toolsets: ['all'] }],
    ['to read only', { toolsets: ['all'], readOnly: true }],
    ['some', { toolsets: ['collections'], tools: ['call_read_operation', 'call_write_operation'] }],
    ['some less', { toolsets: ['default', 'items'], excludeTools: ['items.get', 'orders.place'] }],
  ])('only ever take away, whatever they say, where the operator said %s', async (_said, more) => {
    const world = await open(more);
    const plain = await connect(world, {});
    const whole = await plain.names();
    const operation = fc.constantFrom(...catalogue.map(({ id }) => id));
    await fc.assert(
      fc.asyncProperty(anyWishes(), operation, async (header, id) => {
        const narrowed = await connect(world, headersOf(header));
        expect(whole).toEqual(expect.arrayContaining(await narrowed.names()));
        if (await narrowed.reaches(id)) expect(await plain.reaches(id)).toBe(true);
        await narrowed.client.close();
      }),
      { numRuns: 20 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { spawnCommand } from './spawned.ts';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  },
};

/** Where a server may be started, and how it is kept from the network. */
const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ['stdio', ['--sandbox']],
  ['http', ['http', '--sandbox', '--port', '0']],
];

describe.each(COMMANDS)('a server over %s', (_, args) => {
  it.each<[string, readonly string[], Readonly<Record<string, string>>, readonly string[]]>([
    ['toolset', ['--toolsets', 'items,orderz'], {}, ['--toolsets', 'orderz', 'items', 'orders']],
    ['toolset, by the environment', [], { GEOPERA_TOOLSETS: 'itemz' }, ['itemz', 'clip']],
    ['tool', ['--tools', 'item_get'], {}, ['--tools', 'item_get', 'docs/tools.md']],
    ['tool, by the environment', [], { GEOPERA_TOOLS: 'a b' }, ['--tools', 'a, b']],
    [
      'tool to exclude',
      ['--exclude-tools', 'items.remove'],
      {},
      ['--exclude-tools', 'items.remove'],
    ],
    [
      'tool to exclude, by the environment',
      [],
      { GEOPERA_EXCLUDE_TOOLS: 'items_get,nothing' },
      ['--exclude-tools', 'nothing'],
    ],
    ['way to confirm', ['--confirm', 'sometimes'], {}, ['--confirm or GEOPERA_CONFIRM']],
  ])(
    'is refused with 2 if it is asked for a %s that does not exist',
    async (_name, more, env, words) => {
      const command = spawnCommand({ args: [...args, ...more], env });
      expect(await command.ended, command.stderr()).toBe(2);
      for (const word of words) expect(command.stderr()).toContain(word);
      expect(command.stderr()).toContain('--help');
      expect(command.lines).toEqual([]);
    },
  );
});

describe('a server that is asked for few tools', () => {
  it('lists them alone', async () => {
    const more = ['--toolsets', 'collections', '--exclude-tools', 'collections.delete'];
    const env = { GEOPERA_TOOLS: 'items_get', GEOPERA_TOOLSETS: 'all' };
    const command = spawnCommand({ args: ['--sandbox', ...more], env });
    command.send(INITIALIZE);
    await command.message(({ id }) => id === 'init');
    command.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    command.send({ jsonrpc: '2.0', id: 'list', method: 'tools/list' });
    const { result } = await command.message(({ id }) => id === 'list');
    const names = [...JSON.stringify(result).matchAll(/"name":"(\w+)","title"/g)].map(
      ([, it]) => it,
    );
    expect(names.sort()).toEqual([
      'collections_create',
      'collections_get',
      'collections_list',
      'collections_update',
      'items_get',
    ]);
    command.process.stdin.end();
    expect(await command.ended, command.stderr()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { configSchema, settings } from '../../src/config.ts';
import { conflictsIn } from '../../src/settings/conflicts.ts';
import { COMMANDS, type Command, sourceOf } from '../../src/settings/setting.ts';

const commands: readonly Command[] = ['stdio', 'http', 'sandbox', 'transfers', 'doctor', 'demo'];

describe('the settings', () => {
  it.each(Object.entries(configSchema.shape))('%s says where it comes from and helps', (_, it) => {
    const source = sourceOf(it);
    expect(source?.commands.length).toBeGreaterThan(0);
    const name = source?.form === 'word' ? source.placeholder : (source?.flag ?? source?.env);
    expect(name).toBeDefined();
    expect(it.description).toMatch(/^[A-Z].*\.$/);
  });

  it.each(commands)('of %s have flags and variables of one form, each its own', (command) => {
    const flags = settings(command).flatMap(({ flag }) => flag ?? []);
    const envs = settings().flatMap(({ env }) => env ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    expect(new Set(envs).size).toBe(envs.length);
    for (const flag of flags) expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const env of envs) expect(env).toMatch(/^(GEOPERA|OPTERYX|GEOLENS)_[A-Z]+(_[A-Z]+)*$/);
  });

  it('show what stands for a value, unless they are switches', () => {
    for (const { flag, form, placeholder } of settings()) {
      if (flag === undefined) continue;
      expect([flag, placeholder !== undefined]).toEqual([flag, form !== 'switch']);
    }
  });

  it('keep the token off the command line', () => {
    const token = sourceOf(configSchema.shape.apiToken);
    expect(token).toMatchObject({ env: 'GEOPERA_API_TOKEN' });
    expect(token?.flag).toBeUndefined();
  });

  it('are told for one command or for all', () => {
    const flags = (...command: Parameters<typeof settings>) =>
      settings(...command).map(({ flag, env }) => flag ?? env);
    expect(flags('demo')).toEqual(['file', 'service', 'json']);
    expect(flags('sandbox')).toEqual(expect.arrayContaining(['port', 'data']));
    expect(flags('sandbox')).not.toContain('api-url');
    expect(flags('stdio')).not.toContain('port');
    expect(flags()).toEqual(expect.arrayContaining(['api-url', 'GEOPERA_API_TOKEN', 'json']));
    expect(Object.keys(COMMANDS)).toEqual(commands);
  });

  it('show a default where there is something to show', () => {
    const shown = settings().flatMap(({ flag, default: value }) =>
      value === undefined ? [] : [[flag, value]],
    );
    expect(Object.fromEntries(shown)).toMatchObject({
      'api-url': 'https://api.geopera.com',
      'transfer-method': 'signed_url',
      'parallel-files': '4',
      'log-level': 'warn',
      port: '0',
    });
    const silent = ['scopes', 'allow-dir', 'sandbox', 'json', 'data'];
    expect(shown.filter(([flag]) => silent.includes(flag ?? ''))).toEqual([]);
  });
});

describe('the address of the API', () => {
  const read = (apiUrl: string) => configSchema.safeParse({ apiUrl });

  it.each([
    ['https://api.geopera.com', 'https://api.geopera.com'],
    ['https://api.geopera.com/', 'https://api.geopera.com'],
    ['https://proxy.example/geopera//', 'https://proxy.example/geopera'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is taken as %s', (address, apiUrl) => {
    expect(read(address).data?.apiUrl).toBe(apiUrl);
  });

  it.each([
    'http://api.geopera.com',
    'http://10.0.0.1',
    'http://localhost.example',
    'http://127.0.0.1.example',
    'ftp://api.geopera.com',
    'file:///etc/passwd',
  ])('%s is refused', (address) => {
    const { error } = read(address);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'must be a plain https address (or http on loopback)',
    ]);
  });
});

describe('settings that do not go together', () => {
  const BEYOND = { host: '0.0.0.0' };
  it.each<[object, RegExp | undefined]>([
    [{}, undefined],
    [BEYOND, undefined],
    [{ sandbox: true }, undefined],
    [{ sandbox: true, host: '::1' }, undefined],
    [{ sandbox: true, ...BEYOND }, /--anonymous/],
    [{ sandbox: true, ...BEYOND, anonymous: true }, undefined],
    [{ ...BEYOND, anonymous: true }, /--anonymous is for --sandbox alone/],
    [{ tokenFromEnv: true }, /GEOPERA_API_TOKEN is not set/],
    [{ tokenFromEnv: true, apiToken: 'gpra_x' }, undefined],
    [{ tokenFromEnv: true, apiToken: 'gpra_x', ...BEYOND }, /for loopback only/],
    [
      { tokenFromEnv: true, apiToken: 'gpra_x', host: 'localhost.example.com' },
      /for loopback only/,
    ],
    [{ tokenFromEnv: true, apiToken: 'gpra_x', sandbox: true }, /give one of them/],
  ])('%j', (given, words) => {
    const found = conflictsIn(configSchema.parse(given)).join(' ');
    if (words === undefined) expect(found).toBe('');
    else expect(found).toMatch(words);
  });

  it.each(['10.0.0.0/33', '::/129', '10.0.0/8', '10.0.0.0', 'x/8', '/99'])(
    'a network is not %s',
    (network) => {
      expect(configSchema.safeParse({ fetchAllowNets: [network] }).success).toBe(false);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { COMMANDS, configSchema, settings, sourceOf } from '../../src/config.ts';

describe('the settings', () => {
  it.each(Object.entries(configSchema.shape))('%s says where it comes from and helps', (_, it) => {
    const source = sourceOf(it);
    expect(source?.commands.length).toBeGreaterThan(0);
    const name = source?.form === 'word' ? source.placeholder : (source?.flag ?? source?.env);
    expect(name).toBeDefined();
    expect(it.description).toMatch(/^[A-Z].*\.$/);
  });

  it('have flags and variables of one form, each its own', () => {
    const flags = settings().flatMap(({ flag }) => flag ?? []);
    const envs = settings().flatMap(({ env }) => env ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    expect(new Set(envs).size).toBe(envs.length);
    for (const flag of flags) expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const env of envs) expect(env).toMatch(/^GEOPERA_[A-Z]+(_[A-Z]+)*$/);
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
    expect(flags('demo')).toEqual(['file', 'json']);
    expect(flags('sandbox')).toEqual(expect.arrayContaining(['port', 'data']));
    expect(flags('sandbox')).not.toContain('api-url');
    expect(flags('stdio')).not.toContain('port');
    expect(flags()).toEqual(expect.arrayContaining(['api-url', 'GEOPERA_API_TOKEN', 'json']));
    expect(Object.keys(COMMANDS)).toEqual(['stdio', 'sandbox', 'transfers', 'demo']);
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

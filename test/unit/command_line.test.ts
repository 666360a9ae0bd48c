import { delimiter, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { helpText, readRequest } from '../../src/command_line.ts';
import { settings } from '../../src/config.ts';
import { ConfigError } from '../../src/settings/config_error.ts';
import { COMMANDS, type Command } from '../../src/settings/setting.ts';
import { defaultStateFolder } from '../../src/state_folder.ts';

const commands: Command[] = ['stdio', 'sandbox', 'transfers', 'doctor', 'demo'];

function config(argv: string[], env: NodeJS.ProcessEnv = {}) {
  const request = readRequest(argv, env);
  if (request.kind !== 'run') throw new Error(`a run was expected, not ${request.kind}`);
  return request.config;
}

describe('which command', () => {
  it.each<[string[], Command]>([
    [[], 'stdio'],
    [['--sandbox'], 'stdio'],
    [['stdio'], 'stdio'],
    [['sandbox', '--port', '8080'], 'sandbox'],
    [['transfers'], 'transfers'],
    [['transfers', 'clean', '--json'], 'transfers'],
    [['doctor', '--json', '--sandbox'], 'doctor'],
    [['demo', '--json'], 'demo'],
  ])('%j is %s', (argv, command) => {
    expect(readRequest(argv, {})).toMatchObject({ kind: 'run', command });
  });

  it.each([
    [['--help'], { kind: 'help', command: 'stdio' }],
    [['-h'], { kind: 'help', command: 'stdio' }],
    [['sandbox', '--help'], { kind: 'help', command: 'sandbox' }],
    [['demo', '-h', '--json'], { kind: 'help', command: 'demo' }],
    [['--version'], { kind: 'version' }],
    [['demo', '--version'], { kind: 'version' }],
  ])('%j asks for words', (argv, request) => {
    expect(readRequest(argv, {})).toEqual(request);
  });

  it('helps also where the environment is wrong', () => {
    expect(readRequest(['--help'], { GEOPERA_LOG_LEVEL: 'loud' }).kind).toBe('help');
  });
});

describe('where a value comes from', () => {
  it('has a default for all that must have one', () => {
    expect(config([])).toMatchObject({
      apiUrl: 'https://api.geopera.com',
      scopes: [],
      allowDirs: [],
      transferMethod: 'signed_url',
      parallelFiles: 4,
      logLevel: 'warn',
      sandbox: false,
      port: 0,
      json: false,
    });
  });

  it.each([
    ['the default', [], {}, 'warn'],
    ['the environment', [], { GEOPERA_LOG_LEVEL: 'info' }, 'info'],
    ['the flag', ['--log-level', 'debug'], {}, 'debug'],
    [
      'the flag over the environment',
      ['--log-level=debug'],
      { GEOPERA_LOG_LEVEL: 'info' },
      'debug',
    ],
    ['the default, as an empty variable is none', [], { GEOPERA_LOG_LEVEL: '' }, 'warn'],
  ])('%s', (_, argv, env, level) => {
    expect(config(argv, env).logLevel).toBe(level);
  });

  it('reads the token from the environment alone, without the space around it', () => {
    expect(config([], { GEOPERA_API_TOKEN: ' gpra_x\n' }).apiToken).toBe('gpra_x');
    expect(() => readRequest(['--api-token', 'gpra_x'], {})).toThrow(ConfigError);
  });

  it('splits a list of folders as PATH is split, and makes them absolute', () => {
    const env = { GEOPERA_ALLOW_DIRS: ['data', '', '/srv/scenes'].join(delimiter) };
    expect(config([], env).allowDirs).toEqual([resolve('data'), '/srv/scenes']);
  });

  it('takes a list flag several times, in place of the variable', () => {
    const argv = ['--allow-dir', '/a', '--allow-dir', '/b:c'];
    expect(config(argv, { GEOPERA_ALLOW_DIRS: '/z' }).allowDirs).toEqual(['/a', '/b:c']);
  });

  it('splits scopes at commas', () => {
    const env = { GEOPERA_SCOPES: 'uploads:write, items:read,' };
    expect(config([], env).scopes).toEqual(['uploads:write', 'items:read']);
  });

  it('takes a word without a flag, before or after flags', () => {
    expect(config(['transfers']).action).toBe('list');
    expect(config(['transfers', 'clean', '--json'])).toMatchObject({ action: 'clean', json: true });
    expect(config(['transfers', '--json', 'clean'])).toMatchObject({ action: 'clean', json: true });
  });

  it('finds the state folder in the environment if it is told nowhere', () => {
    const env = { XDG_STATE_HOME: '/state', HOME: '/home/me' };
    const told = { ...env, GEOPERA_STATE_DIR: '/told' };
    expect(config(['transfers', '--state-dir', '/flag'], told).stateDir).toBe('/flag');
    expect(config(['transfers'], told).stateDir).toBe('/told');
    expect(config(['transfers'], {}).stateDir).toBeUndefined();
    expect(config([], env).stateDir).toBe(defaultStateFolder(env));
  });

  it('reads numbers', () => {
    expect(config(['--parallel-files', '16']).parallelFiles).toBe(16);
    expect(config(['sandbox', '--port', '65535']).port).toBe(65_535);
  });
});

describe('what is wrong is said by its flag and its variable', () => {
  it.each<[string[], NodeJS.ProcessEnv, RegExp]>([
    [
      ['--api-url', 'http://api.example'],
      {},
      /^--api-url or GEOPERA_API_URL: must be a plain https/,
    ],
    [[], { GEOPERA_API_URL: 'http://api.example' }, /^--api-url or GEOPERA_API_URL: must be/],
    [['--parallel-files', '0'], {}, /^--parallel-files or GEOPERA_PARALLEL_FILES: /],
    [['--parallel-files', '17'], {}, /^--parallel-files or GEOPERA_PARALLEL_FILES: /],
    [['--parallel-files', '1.5'], {}, /^--parallel-files or GEOPERA_PARALLEL_FILES: /],
    [['--parallel-files', 'four'], {}, /^--parallel-files or GEOPERA_PARALLEL_FILES: /],
    [['--log-level', 'loud'], {}, /^--log-level or GEOPERA_LOG_LEVEL: .*'warn'/],
    [['--transfer-method', 'mail'], {}, /^--transfer-method or GEOPERA_TRANSFER_METHOD: .*'cli'/],
    [['--allow-dir', ''], {}, /^--allow-dir or GEOPERA_ALLOW_DIRS: /],
    [[], { GEOPERA_API_TOKEN: '  ' }, /^GEOPERA_API_TOKEN: /],
    [['sandbox', '--port', '65536'], {}, /^--port: /],
    [['sandbox', '--port', '-1'], {}, /--port/],
    [['--nope'], {}, /'--nope'/],
    [['--api-url'], {}, /'--api-url/],
    [['--sandbox=yes'], {}, /'--sandbox'/],
    [['serve'], {}, /'serve'/],
    [['demo', '--sandbox'], {}, /'--sandbox'/],
    [['transfers', 'purge'], {}, /^list\|clean: must be list or clean$/],
    [['transfers', 'list', 'clean'], {}, /'clean'/],
    [['demo', 'list'], {}, /'list'/],
    [['sandbox', '--api-url', 'https://x.example'], {}, /'--api-url'/],
  ])('%j %j', (argv, env, words) => {
    const read = () => readRequest(argv, env);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(words);
  });

  it('says all of it at once', () => {
    const read = () => readRequest(['--log-level', 'loud', '--parallel-files', '0'], {});
    expect(read).toThrow(/parallel-files.*\n.*log-level/);
  });
});

describe.each(commands)('the help of %s', (command) => {
  const text = helpText(command);

  it('names every flag or variable that the command knows, and no other', () => {
    const options = text.slice(text.indexOf('Options:'), text.indexOf('Commands:'));
    const flags = [...options.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, flag]) => flag);
    const known = settings(command).flatMap(({ flag }) => flag ?? []);
    expect(flags).toEqual([...known, 'help', 'version']);
    for (const { env } of settings(command)) if (env) expect(options).toContain(env);
  });

  it('shows how the command is called, and every command', () => {
    const words = {
      stdio: '',
      http: 'http ',
      sandbox: 'sandbox ',
      transfers: 'transfers [list|clean] ',
      doctor: 'doctor ',
      demo: 'demo ',
    };
    expect(text.startsWith(`Usage: geopera-mcp ${words[command]}[options]\n`)).toBe(true);
    for (const name of Object.keys(COMMANDS))
      expect(text).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it('loses no word of the help', () => {
    const flat = text.replace(/\s+/g, ' ');
    for (const { help } of settings(command)) expect(flat).toContain(help.replaceAll('`', ''));
  });
});

import { describe, expect, it } from 'vitest';
import { helpText, readRequest } from '../../src/command_line.ts';
import { ConfigError } from '../../src/settings/config_error.ts';
import type { Command } from '../../src/settings/setting.ts';

const commands: Command[] = ['stdio', 'sandbox', 'demo'];

describe('the command line', () => {
  it.each(commands)('help of %s fits 80 columns and ends in one newline', (command) => {
    const text = helpText(command);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/[^\n]\n$/);
  });

  it.each(['nonsense', '', 'api.geopera.com', 'https://'])('refuses the address %j', (address) => {
    const read = () => readRequest(['--api-url', address], {});
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/^--api-url or GEOPERA_API_URL: /);
  });

  it('splits scopes at commas in a flag too, and at spaces as OAuth writes them', () => {
    const read = (argv: string[], env: NodeJS.ProcessEnv) => readRequest(argv, env);
    const config = { config: { scopes: ['uploads:write', 'items:read'] } };
    expect(read(['--scopes', 'uploads:write,items:read'], {})).toMatchObject(config);
    expect(read([], { GEOPERA_SCOPES: 'uploads:write items:read' })).toMatchObject(config);
  });

  it('does not stop a command over a variable that it does not know', () => {
    const request = readRequest(['demo'], { GEOPERA_API_URL: 'http://intranet.example' });
    expect(request).toMatchObject({ kind: 'run', command: 'demo' });
  });

  it.each(['gpra_…', 'gpra_a\nb', 'gpra a'])(
    'refuses the token %j, which no header takes',
    (it) => {
      expect(() => readRequest([], { GEOPERA_API_TOKEN: it })).toThrow(/^GEOPERA_API_TOKEN: /);
    },
  );

  it.each([
    ['sandbox', '--port', ''],
    ['sandbox', '--port', ' '],
  ])('refuses an empty port', (...argv) => {
    expect(() => readRequest(argv, {})).toThrow(/^--port: /);
  });
});

import { describe, expect, it } from 'vitest';
import { readRequest } from '../../src/command_line.ts';
import { connectServices } from '../../src/commands/connected_services.ts';
import { configSchema } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { halfConfigured, hasGeolens, hasOpteryx } from '../../src/settings/configured_services.ts';
import type { Hints } from '../../src/tools/effect_hints.ts';
import { DEFAULT_TOOLSET } from '../../src/tools/selection/tool_selection.ts';
import { createToolbox } from '../../src/tools/toolbox.ts';
import { schemaFaults } from './schema_profile.ts';

const MAX_TOOL_TOKENS = 600;
/** All that one service adds to a default list. */
const MAX_SERVICE_TOKENS = 2_600;

const OPTERYX = { opteryxClientId: 'someone', opteryxClientSecret: 'opt_0123456789_01' };
const GEOLENS = { geolensInstance: 'https://maps.example', geolensApiKey: 'key' };

const toolsOf = (settings: Readonly<Record<string, unknown>>) =>
  connectServices(configSchema.parse(settings), createLog('error')).tools;

const every = toolsOf({ ...OPTERYX, ...GEOLENS });
const tokens = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) / 4;

const READ = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};
const WRITE = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
};
/** Replaces rows, or takes away what was sent. */
const REMOVE = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: true,
};
/** May replace the rows of a dataset; twice is not once, as it may also append. */
const REPLACE = { ...WRITE, destructiveHint: true };

/** Every tool with its hints, written out; `v2` stands in the toolset opteryx alone, unless contracts are all there is. */
const HINTS: Readonly<Record<string, Hints>> = {
  opteryx_upload_file: REPLACE,
  opteryx_health: READ,
  opteryx_start_session: WRITE,
  opteryx_upload_part: { ...WRITE, idempotentHint: true },
  opteryx_delete_part: REMOVE,
  opteryx_inspect_session: READ,
  opteryx_commit_session: REPLACE,
  opteryx_negotiate_contract: WRITE,
  opteryx_get_contract: READ,
  opteryx_amend_contract: WRITE,
  opteryx_accept_contract: WRITE,
  opteryx_send_contract_data: WRITE,
  opteryx_commit_contract: REPLACE,
  opteryx_abandon_contract: REMOVE,
  geolens_upload_file: WRITE,
  geolens_upload_config: READ,
  geolens_request_presigned_upload: WRITE,
  geolens_complete_presigned_upload: WRITE,
  geolens_preview: READ,
  geolens_commit: WRITE,
  geolens_job_status: READ,
};

describe('the tools of other services', () => {
  it('are these, with these hints', () => {
    const hints = Object.fromEntries(every.map((tool) => [tool.name, tool.hints]));
    expect(hints).toEqual(HINTS);
  });

  it.each(every.map((tool) => [tool.name, tool] as const))(
    '%s is listed as others are',
    (name, tool) => {
      const { description, inputSchema, title } = tool.listing;
      expect(name).toMatch(/^(opteryx|geolens)(_[a-z0-9]+)+$/);
      expect(name.length).toBeLessThanOrEqual(48);
      expect(title).toMatch(/^\S.*\S$/);
      expect(description.length).toBeLessThanOrEqual(1024);
      const [sentence = ''] = description.split(/(?<=\.)\s/);
      expect(sentence.length).toBeLessThanOrEqual(200);
      expect(sentence).toMatch(/^[A-Z][a-z]+,? .*\.$/);
      expect(schemaFaults(inputSchema)).toEqual([]);
      expect(tokens(tool.listing)).toBeLessThanOrEqual(MAX_TOOL_TOKENS);
      expect(tool.toolsets.some((it) => name.startsWith(it))).toBe(true);
    },
  );

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['Opteryx', OPTERYX],
    ['Opteryx by sessions', { ...OPTERYX, opteryxApi: 'v1' }],
    ['Opteryx by contracts', { ...OPTERYX, opteryxApi: 'v2' }],
    ['GeoLens', GEOLENS],
  ])('of %s add little to a default list', (_service, settings) => {
    const added = toolsOf(settings).filter(({ toolsets }) => toolsets.includes(DEFAULT_TOOLSET));
    expect(added.length).toBeGreaterThan(0);
    expect(tokens(added.map(({ listing }) => listing))).toBeLessThanOrEqual(MAX_SERVICE_TOKENS);
  });

  it('have names of their own', () => {
    const box = createToolbox('both', undefined, every);
    expect(new Set([...box.keys()]).size).toBe(box.size);
  });
});

describe('a service is there', () => {
  it.each<[string, Readonly<Record<string, unknown>>, readonly [boolean, boolean], number]>([
    ['nothing', {}, [false, false], 0],
    ['a token of Opteryx', { opteryxToken: 'eyJ' }, [true, false], 0],
    ['both halves', OPTERYX, [true, false], 0],
    ['a client id alone', { opteryxClientId: 'someone' }, [false, false], 1],
    ['a secret alone', { opteryxClientSecret: 'opt_0123456789_01' }, [false, false], 1],
    [
      'a client id and a token',
      { opteryxClientId: 'someone', opteryxToken: 'eyJ' },
      [true, false],
      0,
    ],
    ['an instance and a key', GEOLENS, [false, true], 0],
    [
      'an instance and a token',
      { geolensInstance: 'https://x.example', geolensToken: 't' },
      [false, true],
      0,
    ],
    ['an instance alone', { geolensInstance: 'https://x.example' }, [false, false], 1],
    ['a key alone', { geolensApiKey: 'k' }, [false, false], 1],
  ])('or not, by what is set: %s', (_what, settings, [opteryx, geolens], halves) => {
    const config = configSchema.parse(settings);
    expect([hasOpteryx(config), hasGeolens(config)]).toEqual([opteryx, geolens]);
    expect(halfConfigured(config)).toHaveLength(halves);
  });

  it('not by empty variables, as hosts fill them in', () => {
    const empty = {
      OPTERYX_CLIENT_ID: '',
      OPTERYX_TOKEN: '',
      GEOLENS_INSTANCE: '',
      GEOLENS_API_KEY: '',
    };
    const request = readRequest([], empty);
    if (request.kind !== 'run') throw new Error('it was not to be run');
    const { config } = request;
    expect([hasOpteryx(config), hasGeolens(config), halfConfigured(config)]).toEqual([
      false,
      false,
      [],
    ]);
  });

  it.each(['http://maps.example', 'https://user:secret@maps.example', 'maps.example'])(
    'but not at %s, where credentials would be seen',
    (address) => {
      expect(configSchema.safeParse({ geolensInstance: address }).success).toBe(false);
      expect(configSchema.safeParse({ opteryxUploadUrl: address }).success).toBe(false);
    },
  );
});

import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createToolbox } from '../../src/tools/toolbox.ts';
import { writeBytes, writeScene } from '../scene.ts';
import { type AttackedServer, attackedServer } from './attacked_server.ts';
import { attack, attacks } from './figures.ts';
import { McpCaller } from './mcp_caller.ts';

/** Stands in a file outside of what is allowed; in no answer. */
const CANARY = 'canary-9c1f7e-must-not-be-read';
const PASSWD = /root:.*:0:0:/;

/** Serves a folder to the tools that take paths. */
let open: AttackedServer;
let caller: McpCaller;
/** Serves none. */
let linksOnly: McpCaller;
let facts: Readonly<Record<string, string>>;

beforeAll(async () => {
  open = await attackedServer({ allowDir: true });
  caller = await McpCaller.open(open);
  linksOnly = await McpCaller.open(await attackedServer());
  await writeFile(join(open.base, 'canary.txt'), CANARY);
  const project_id = open.sandbox.projectId;
  const allowed = join(open.base, 'allowed');
  const scene = await writeScene(allowed, 'scene.tif');
  const uploaded = await caller.call('upload_local_file', { path: scene, project_id });
  const [item_id] = z.array(z.string()).parse(uploaded.facts['item_ids']);
  // Uploaded over and over, and quickly looked at.
  facts = { project_id, item_id: item_id ?? '', path: await writeBytes(allowed, 'small.bin', 10) };
});

afterAll(async () => {
  expect((await readdir(open.base)).sort()).toEqual(['allowed', 'canary.txt', 'sandbox']);
  expect(existsSync('/tmp/evil.tif')).toBe(false);
  expect(await caller.isWell()).toBe(true);
  await open.close();
  await linksOnly.server.close();
});

/** By `base`, the folder in which the canary stands. */
const PATHS: readonly (readonly [string, (base: string) => string])[] = [
  ['up from here', () => '../../../../../../../../etc/passwd'],
  ['absolute', () => '/etc/passwd'],
  ['the canary', (base) => `${base}/canary.txt`],
  ['the canary, up from the allowed folder', (base) => `${base}/allowed/../canary.txt`],
  ['the canary, with more dots', (base) => `${base}/allowed/./../allowed/../canary.txt`],
  ['the canary after a NUL', (base) => `${base}/allowed/scene.tif\0/../../canary.txt`],
  ['the canary before a NUL', (base) => `${base}/canary.txt\0.tif`],
  ['the canary, dots encoded', (base) => `${base}/allowed/%2e%2e/canary.txt`],
  ['the canary, encoded twice', (base) => `${base}/allowed/%252e%252e%252fcanary.txt`],
  ['the canary, with backslashes', (base) => `${base}\\allowed\\..\\canary.txt`],
  ['the canary, as a URL', (base) => `file://${base}/canary.txt`],
  ['the canary, as a URL with a host', (base) => `file://localhost${base}/canary.txt`],
  ['a folder that begins like the allowed one', (base) => `${base}/allowed-not/evil.tif`],
  ['the allowed folder itself', (base) => `${base}/allowed`],
  ['a new file above', (base) => `${base}/evil.tif`],
  ['a new file above, by dots', (base) => `${base}/allowed/../evil.tif`],
  ['a new file elsewhere', () => '/tmp/evil.tif'],
  ['the memory of the process', () => '/proc/self/environ'],
  ['a file of the process', () => '/proc/self/root/etc/passwd'],
  ['a device', () => '/dev/zero'],
  ['the home folder', () => '~/.ssh/id_rsa'],
  ['a variable', () => '$HOME/.ssh/id_rsa'],
  ['a share', () => '\\\\evil.example\\share\\evil.tif'],
  ['a share with slashes', () => '//evil.example/share/evil.tif'],
  ['a drive', () => 'C:\\Windows\\win.ini'],
  ['a stream of a file', (base) => `${base}/canary.txt:evil`],
  ['slashes beyond ASCII', (base) => `${base}/allowed/\uff0e\uff0e\uff0fcanary.txt`],
  ['a line end', (base) => `${base}/allowed/x\r\nX-Evil: 1`],
  ['an option', () => '--help'],
  ['a command', () => '`touch /tmp/evil.tif`'],
  ['dots alone', () => '..'],
  ['a very long one', () => `${'../'.repeat(20_000)}etc/passwd`],
];

/** What fields that are no paths are tried with. */
const OF_EACH_KIND = new Set([
  'up from here',
  'absolute',
  'the canary after a NUL',
  'the canary, dots encoded',
  'the canary, as a URL',
  'a new file above',
  'a share',
  'a line end',
  'a very long one',
]);

/** Where a schema takes a text: the names on the way to it, with `[]` for an array. */
function textFields(schema: unknown, way: readonly string[] = []): readonly string[][] {
  const { type, properties, items, anyOf } = node.parse(schema);
  if (type === 'string' || (Array.isArray(type) && type.includes('string'))) return [[...way]];
  if (items !== undefined) return textFields(items, [...way, '[]']);
  return [
    ...Object.entries(properties ?? {}).flatMap(([name, inner]) =>
      textFields(inner, [...way, name]),
    ),
    ...(anyOf ?? []).flatMap((inner) => textFields(inner, way)),
  ];
}

const node = z.object({
  type: z.unknown(),
  properties: z.record(z.unknown()).optional(),
  items: z.unknown(),
  anyOf: z.array(z.unknown()).optional(),
});

/** What the tools that call or describe any operation are given for one. */
const OPERATION_OF: Readonly<Record<string, string>> = {
  describe_operation: 'items.get',
  save_answer_to_path: 'items.get',
  call_read_operation: 'items.get',
  call_write_operation: 'items.update',
  call_destructive_operation: 'uploads.fail',
};

/** Arguments that a tool takes for good, so that an attack on one of them reaches what it does. */
function goodArguments(tool: string): Record<string, unknown> {
  const { project_id, item_id, path } = facts;
  const all: Record<string, unknown> = {
    project_id,
    item_id,
    asset_id: 'data',
    path: /^(download|save)_/.test(tool) ? join(open.base, 'allowed', 'made.tif') : path,
    paths: [path],
    job_id: 'job',
    upload_id: 'upload',
    error_message: 'none',
    operation: OPERATION_OF[tool],
    arguments: tool === 'call_destructive_operation' ? { upload_id: 'upload' } : { item_id },
    file_name: 'a.bin',
    wait_seconds: 0,
    files: [{ file_name: 'a.bin', bytes: 1 }],
  };
  const { properties = {} } = node.parse(createToolbox('both').get(tool)?.listing.inputSchema);
  const taken = Object.entries(all).filter(([name]) => Object.hasOwn(properties, name));
  if (tool === 'create_upload_link')
    return Object.fromEntries(taken.filter(([name]) => name !== 'upload_id'));
  return Object.fromEntries(taken);
}

/** The same with a text in one place. */
function withText(value: unknown, [first, ...rest]: readonly string[], text: string): unknown {
  if (first === undefined) return text;
  if (first === '[]') {
    const [one] = Array.isArray(value) ? value : [];
    return [withText(one ?? {}, rest, text)];
  }
  const record = z.record(z.unknown()).catch({}).parse(value);
  return { ...record, [first]: withText(record[first], rest, text) };
}

const fields = [...createToolbox('both').values()].flatMap(({ name, listing }) =>
  textFields(listing.inputSchema).map((way) => [name, way.join('.'), way] as const),
);

it.each(fields)(
  '%s with paths as its %s reads and writes nothing outside',
  async (tool, _, way) => {
    const isPath = /path|file_name|url/.test(way.join('.'));
    for (const [name, path] of PATHS.filter(([kind]) => isPath || OF_EACH_KIND.has(kind))) {
      await attack(async () => {
        const args = withText(goodArguments(tool), way, path(open.base));
        const { text } = await caller.call(tool, z.record(z.unknown()).parse(args));
        expect(text, name).not.toContain(CANARY);
        expect(text, name).not.toMatch(PASSWD);
        expect(await readdir(open.base), name).not.toContain('evil.tif');
      });
    }
  },
);

it('nothing that was uploaded has the bytes of a file outside', () =>
  attack(async () => {
    const objects = await readdir(join(open.base, 'sandbox'), {
      recursive: true,
      withFileTypes: true,
    });
    const files = objects.filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const { parentPath, name } of files) {
      const bytes = await readFile(join(parentPath, name), 'latin1');
      expect(bytes.includes(CANARY), name).toBe(false);
      expect(PASSWD.test(bytes), name).toBe(false);
    }
  }));

it('without an allowed folder there is no tool that takes a path', () =>
  attack(async () => {
    const { result } = await linksOnly.request('tools/list');
    const { tools } = z
      .object({ tools: z.array(z.object({ name: z.string(), inputSchema: z.unknown() })) })
      .parse(result);
    expect(tools.filter(({ name }) => /local|to_path/.test(name))).toEqual([]);
    const schemas = tools.map(({ inputSchema }) => JSON.stringify(inputSchema));
    expect(schemas.filter((schema) => /"paths?"/.test(schema))).toEqual([]);
  }));

attacks(
  'without an allowed folder',
  [
    'upload_local_file',
    'upload_local_files',
    'download_asset_to_path',
    'download_clip_to_path',
    'save_answer_to_path',
  ].map((name) => [name, name] as const),
  async (name) => {
    const { isError, text } = await linksOnly.call(name, goodArguments(name));
    expect([isError, text]).toEqual([true, expect.stringContaining('There is no tool')]);
  },
);

const URIS: readonly (readonly [string, (base: string) => string])[] = [
  ['a file', () => 'file:///etc/passwd'],
  ['a file in capitals', () => 'FILE:///etc/passwd'],
  ['a file of a host', () => 'file://localhost/etc/passwd'],
  ['a file of another host', () => 'file://evil.example/etc/passwd'],
  ['a file without slashes', () => 'file:/etc/passwd'],
  ['a file by dots', (base) => `file://${base}/allowed/../canary.txt`],
  ['a file by encoded dots', (base) => `file://${base}/allowed/%2e%2e/canary.txt`],
  ['a file by an encoded slash', (base) => `file://${base}/allowed%2f..%2fcanary.txt`],
  ['a file with a NUL', (base) => `file://${base}/canary.txt%00.tif`],
  ['a file that no download made', (base) => `file://${base}/allowed/scene.tif`],
  ['a path', () => '/etc/passwd'],
  ['up from an item', () => 'geopera://items/../../etc/passwd'],
  ['up from an item, encoded', () => 'geopera://items/..%2f..%2fetc%2fpasswd'],
  ['up from an item, encoded twice', () => 'geopera://items/%252e%252e%252f'],
  ['dots as an item', () => 'geopera://items/..'],
  ['an item with a query', () => 'geopera://items/x?path=/etc/passwd'],
  ['an item with a NUL', () => 'geopera://items/%00'],
  ['an item that is no UTF-8', () => 'geopera://items/%ff'],
  ['an item without end', () => `geopera://items/${'a'.repeat(100_000)}`],
  ['up from a transfer', () => 'geopera://transfers/../items/x'],
  ['a transfer with a name that objects have', () => 'geopera://transfers/__proto__'],
  ['a user in the URI', () => 'geopera://user@items/x'],
  ['another kind', () => 'geopera://secrets/token'],
  ['another scheme', () => 'http://169.254.169.254/latest/meta-data/'],
  ['data', () => 'data:text/plain,evil'],
  ['nothing', () => ''],
];

for (const [name, server] of [
  ['with an allowed folder', () => caller],
  ['without one', () => linksOnly],
] as const) {
  attacks(`as a resource, ${name}`, URIS, async (uri) => {
    const asked = uri(open.base);
    const { error, result } = await server().request('resources/read', { uri: asked });
    expect([error?.code, result]).toEqual([expect.any(Number), undefined]);
    const followed = await server().request('resources/subscribe', { uri: asked });
    const told = JSON.stringify([error, followed]);
    expect(told).not.toMatch(PASSWD);
    expect(told).not.toContain(CANARY);
  });
}

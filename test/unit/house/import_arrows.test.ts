import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const report = z.object({
  summary: z.object({
    violations: z.array(
      z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) }),
    ),
  }),
});

/** A small house of its own: what each file imports, and the rule that it breaks, if any. */
const HOUSE: readonly (readonly [file: string, imports: readonly string[], broken?: string])[] = [
  ['src/cli.ts', ['./commands/stdio.ts', './commands/sandbox.ts']],
  [
    'src/commands/stdio.ts',
    ['../server.ts', '../transports/stdio.ts', './nowhere.ts'],
    'resolvable',
  ],
  ['src/commands/sandbox.ts', ['../sandbox/open.ts']],
  ['src/server.ts', ['./tools/good.ts', './sandbox/open.ts'], 'arrow-server.ts'],
  ['src/transports/stdio.ts', ['../server.ts']],
  ['src/transports/http.ts', ['../tools/good.ts'], 'arrow-transports'],
  ['src/tools/good.ts', ['../workflows/upload.ts', '../geopera/client.ts', 'zod']],
  ['src/workflows/upload.ts', ['../transfer/put.ts', '../operations/items.ts']],
  ['src/workflows/bad.ts', ['../tools/good.ts'], 'arrow-workflows'],
  ['src/geopera/client.ts', ['../operations/items.ts']],
  ['src/geopera/bad.ts', ['../transfer/put.ts'], 'arrow-geopera'],
  ['src/transfer/put.ts', ['node:fs']],
  ['src/transfer/bad.ts', ['../operations/items.ts'], 'arrow-transfer'],
  ['src/sandbox/open.ts', ['../operations/items.ts']],
  ['src/sandbox/bad.ts', ['../geopera/client.ts'], 'arrow-sandbox'],
  ['src/operations/items.ts', ['zod']],
  ['src/operations/bad.ts', ['../transfer/put.ts'], 'arrow-operations'],
  ['src/operations/tested.ts', ['../../test/world.ts'], 'arrow-operations'],
  ['src/operations/first.ts', ['./second.ts'], 'no-cycle'],
  ['src/operations/second.ts', ['./first.ts']],
  ['src/operations/alone.ts', [], 'no-orphan'],
  [
    'src/transfer/mcp.ts',
    ['@modelcontextprotocol/sdk/types.js'],
    'package-@modelcontextprotocol/sdk',
  ],
  ['src/transfer/dev.ts', ['vitest'], 'package-unlisted'],
  ['src/attic/box.ts', ['node:fs']],
  ['test/world.ts', ['../src/sandbox/open.ts', '../src/attic/box.ts'], 'part-unlisted'],
];

let house: string;
beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'house-'));
  const packages = ['zod', '@modelcontextprotocol/sdk/types.js', 'vitest'];
  for (const name of packages)
    write(`node_modules/${name}${name.endsWith('.js') ? '' : '/index.js'}`, []);
  for (const [file, imports] of HOUSE) write(file, imports);
});
afterAll(() => rmSync(house, { recursive: true }));

function write(file: string, imports: readonly string[]): void {
  const path = join(house, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${imports.map((name) => `import '${name}';`).join('\n')}\nexport {};\n`);
}

/** The rule that each file breaks (of a cycle, its first file), as the repository's own configuration sees it. */
function broken(): Promise<Map<string, string>> {
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  const args = [cruiser, '--config', config, '--output-type', 'json', 'src', 'test'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: house, maxBuffer: 2 ** 26 }, (_, stdout, stderr) => {
      const parsed = report.safeParse(stdout === '' ? undefined : JSON.parse(stdout));
      if (!parsed.success) return reject(new Error(stderr, { cause: parsed.error }));
      const { violations } = parsed.data.summary;
      resolve(new Map(violations.map(({ from, rule }) => [from, rule.name])));
    });
  });
}

it('refuses every import against the arrows, and no other', async () => {
  const expected = HOUSE.flatMap(([file, , rule]) => (rule === undefined ? [] : [[file, rule]]));
  expect(Object.fromEntries(await broken())).toEqual(Object.fromEntries(expected));
});

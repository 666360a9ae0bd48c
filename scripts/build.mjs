#!/usr/bin/env node
// Makes dist/: cli.cjs (the command), server.cjs (all that answers a client), on_demand.cjs (what
// a call may need later). Figures and reasons: bench/README.md.
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lateBuiltins } from './bundle/late_builtins.mjs';
import { lateSchemas } from './bundle/late_schemas.mjs';
import { thirdPartyNotices } from './bundle/notices.mjs';
import { onDemand, onDemandEntry } from './bundle/on_demand.mjs';
import { quickGuards } from './bundle/quick_guards.mjs';
import { sourceModules } from './source_modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const inputs = new Set();

/** Bundles one entry to CommonJS, which starts faster than a module and can be kept as bytecode. */
async function bundle(options) {
  const result = await build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true, // identifiers stay: stack traces and error names are read by people
    legalComments: 'none', // dist/THIRD_PARTY_NOTICES.txt has them all
    supported: { 'dynamic-import': false }, // bytecode scripts have no import(); require() does
    metafile: true,
    write: false,
    logLevel: 'warning',
    ...options,
    define: { __VERSION__: JSON.stringify(version), ...options.define },
  });
  for (const input of Object.keys(result.metafile.inputs)) inputs.add(input);
  return result.outputFiles[0].text;
}

/** Replaces the file at once, so that a server started during a build sees one or the other. */
async function emit(name, text, mode = 0o644) {
  const path = join(root, 'dist', name);
  await writeFile(`${path}.${process.pid}`, text);
  await chmod(`${path}.${process.pid}`, mode);
  await rename(`${path}.${process.pid}`, path);
}

const { createToolbox } = await sourceModules();
const tools = [...createToolbox('paths').values()];
const listings = Object.fromEntries(tools.map(({ name, listing }) => [name, listing]));

const modules = new Map();
const server = await bundle({
  entryPoints: ['src/cli.ts'],
  define: { __TOOL_LISTINGS__: JSON.stringify(listings) },
  plugins: [onDemand({ root, modules }), lateBuiltins, lateSchemas],
});
const later = await bundle({
  stdin: { contents: onDemandEntry(modules), resolveDir: root },
  plugins: [quickGuards],
});
const launcher = await bundle({
  entryPoints: ['src/launcher/main.ts'],
  banner: { js: '#!/usr/bin/env node' },
  define: {
    'import.meta.dirname': '__dirname',
    __BUNDLE_DIGEST__: JSON.stringify(
      createHash('sha256').update(server).digest('hex').slice(0, 16),
    ),
  },
});

await mkdir(join(root, 'dist'), { recursive: true });
await emit('server.cjs', server);
await emit('on_demand.cjs', later);
await emit('cli.cjs', launcher, 0o755);
await emit('THIRD_PARTY_NOTICES.txt', await thirdPartyNotices(root, [...inputs]));

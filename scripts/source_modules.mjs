import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What the source exports, for scripts: `settings` and `createToolbox`. Node 20 runs no TypeScript,
 * so the two modules are bundled into one that is read once.
 */
export async function sourceModules() {
  // Inside the repository, where its imports are found.
  const folder = await mkdtemp(join(root, 'node_modules', '.source-'));
  const outfile = join(folder, 'source.mjs');
  try {
    await build({
      stdin: {
        contents: `
          export { settings } from './src/config.ts';
          export { createToolbox } from './src/tools/toolbox.ts';`,
        resolveDir: root,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile,
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

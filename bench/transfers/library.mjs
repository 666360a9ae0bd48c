import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { sourceModules } from '../../scripts/source_modules.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Replaces the sum over the bytes alone; what the library does with it stays. */
const withoutChecksums = {
  name: 'without-checksums',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/crc32c\.ts$/ }, ({ resolveDir, path, pluginData }) =>
      pluginData === 'real'
        ? undefined
        : { path: join(resolveDir, path), namespace: 'without-checksums' },
    );
    onLoad({ filter: /.*/, namespace: 'without-checksums' }, ({ path }) => ({
      contents: `
        export * from ${JSON.stringify(path)};
        export const createCrc32c = () => ({ update() {}, value: () => 0 });`,
      resolveDir: root,
      pluginData: 'real',
    }));
  },
};

/**
 * Bundles the transfer library with the child program that calls it, as the package bundles it.
 *
 * @param {string} folder where the file goes
 * @param {{ checksums: boolean }} how
 * @returns {Promise<string>} the path of the program
 */
export async function bundleMover(folder, { checksums }) {
  const outfile = join(folder, checksums ? 'mover.cjs' : 'mover_without_checksums.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/fixtures/mover.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
    plugins: checksums ? [] : [withoutChecksums],
  });
  return outfile;
}

/** How many files of a session the product sends at the same time, unless told otherwise. */
export async function productParallelFiles() {
  const { settings } = await sourceModules();
  return settings().find(({ flag }) => flag === 'parallel-files').default;
}

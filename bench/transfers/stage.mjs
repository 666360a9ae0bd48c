import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleMover, productParallelFiles } from './library.mjs';
import { startNginx } from './nginx.mjs';

/**
 * All that a measurement needs, in one folder: nginx, the bundled library, and room for files. Run
 * `work` on it; whatever way that ends, nginx is stopped and the folder removed.
 *
 * @param {string} base the folder is made in it
 */
export async function onStage(base, work) {
  const folder = await mkdtemp(join(base, 'geopera-mcp-bench-'));
  let server;
  try {
    server = await startNginx(folder);
    return await work({
      folder,
      server,
      mover: await bundleMover(folder, { checksums: true }),
      moverWithoutChecksums: await bundleMover(folder, { checksums: false }),
      parallelFiles: await productParallelFiles(),
    });
  } finally {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

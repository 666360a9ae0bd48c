import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What the source exports, for scripts: settings, tools, operations and traits. Node 20 runs no TypeScript, so the
 * modules are bundled into one that is read once.
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
          import { SESSION_TRAITS } from './src/connectors/opteryx/opteryx_sessions.ts';
          import { CONTRACT_TRAITS } from './src/connectors/opteryx/contracts/opteryx_contracts.ts';
          import { GEOLENS_TRAITS } from './src/connectors/geolens/geolens_upload.ts';
          import { GEOPERA_TRAITS } from './src/workflows/upload_session.ts';
          export const connectorTraits = {
            Geopera: GEOPERA_TRAITS,
            'Opteryx, sessions': SESSION_TRAITS,
            'Opteryx, contracts': CONTRACT_TRAITS,
            GeoLens: GEOLENS_TRAITS,
          };
          export { catalogue } from './src/operations/catalogue.ts';
          export { sourceOf } from './src/settings/setting.ts';
          export { toolSettings } from './src/settings/tool_settings.ts';
          export { CALLER_OF } from './src/tools/operations/caller_of.ts';
          export { ToolSelection } from './src/tools/selection/tool_selection.ts';
          export { resourceOf, toolsetNames } from './src/tools/selection/toolsets.ts';
          export { createToolbox, toolListings } from './src/tools/toolbox.ts';
          export { toolName } from './src/tools/tool_name.ts';`,
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

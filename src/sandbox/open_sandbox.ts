import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';

/**
 * Starts a sandbox in the folder given, or in a temporary one that goes with it.
 *
 * @throws what `startSandbox` throws, after which no temporary folder is left
 */
export async function openSandbox(
  options: Omit<SandboxOptions, 'dataDir'> & { readonly dataDir: string | undefined },
): Promise<Sandbox> {
  const { dataDir, ...rest } = options;
  if (dataDir !== undefined) return startSandbox({ ...rest, dataDir });
  const folder = await mkdtemp(join(tmpdir(), 'geopera-sandbox-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const sandbox = await startSandbox({ ...rest, dataDir: folder });
    return { ...sandbox, close: () => sandbox.close().finally(removeFolder) };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

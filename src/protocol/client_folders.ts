import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { ServerContext } from '../server_context.ts';
import { chooseFolders } from '../tools/folder_policy.ts';
import type { AllowedFolders } from '../transfer/files/allowed_folders.ts';

/** A client that offers roots and does not name them in time may allow less than we would guess. */
const ROOTS_TIMEOUT_MS = 5_000;

/** Asked anew for each call that needs it: roots change, and an answer that failed is not kept. */
export async function allowedFolders(
  server: Server,
  { allowDirs, workingDirectory, log }: ServerContext,
  signal: AbortSignal,
): Promise<AllowedFolders> {
  const asks = allowDirs.length === 0 && server.getClientCapabilities()?.roots !== undefined;
  try {
    const roots = asks ? await clientRoots(server, signal) : [];
    return { folders: chooseFolders({ allowDirs, roots, workingDirectory }) };
  } catch (err) {
    signal.throwIfAborted();
    log.warn({ err }, 'the client offers roots but did not name them, so no folder is allowed');
    return { folders: [] };
  }
}

async function clientRoots(server: Server, signal: AbortSignal): Promise<readonly string[]> {
  const { roots } = await server.listRoots(undefined, { timeout: ROOTS_TIMEOUT_MS, signal });
  return roots.map(({ uri }) => uri);
}

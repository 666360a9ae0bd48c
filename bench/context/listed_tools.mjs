import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { McpConnection } from '../http/mcp_connection.mjs';
import { onServers } from '../http/servers.mjs';
import { McpSession } from '../mcp_session.mjs';
import { installPeer } from './install.mjs';
import { toolListFigures } from './tool_list_figures.mjs';

/** A peer that has not listed its tools by then has not started. */
const START_MS = 60_000;
const MOST_REASON = 300;

/** A process of ours or of a peer finds nothing of whoever measures: no settings, no credentials. */
export const cleanEnv = (folder) => ({
  PATH: process.env.PATH,
  HOME: folder,
  XDG_CACHE_HOME: folder,
  XDG_STATE_HOME: folder,
});

/** Figures of a server of ours over stdio. */
export async function listedOverStdio(args, options) {
  const session = await McpSession.open(args, options);
  try {
    return toolListFigures(await everyTool(session), session.greeting.instructions);
  } finally {
    await session.close();
  }
}

/** Figures of a server of ours over HTTP. */
export function listedOverHttp(args, folder) {
  return onServers(folder, async (servers) => {
    const connection = new McpConnection(await servers.start(args, cleanEnv(folder)));
    try {
      const { instructions } = await connection.initialize();
      return toolListFigures(await everyTool(connection), instructions);
    } finally {
      await connection.close();
    }
  });
}

/** Figures of a peer, or why there are none. */
export async function listedByPeer(peer, { cache, folder: parent, signal }) {
  const { package: name, version, args, env, leftOut } = peer;
  const folder = await mkdtemp(join(parent, 'peer-'));
  const facts = { name, version, ...(leftOut !== undefined && { left_out: leftOut }) };
  try {
    const command = [await installPeer(cache, peer, signal), ...(args?.({ folder }) ?? [])];
    const options = { env: { ...cleanEnv(folder), ...env }, cwd: folder, signal };
    return { ...facts, ...(await withinDeadline(command, options)) };
  } catch (error) {
    signal.throwIfAborted();
    const [why] = error.message.replaceAll(folder, '…').replaceAll(cache, '…').split('\n');
    return { ...facts, failed: why.slice(0, MOST_REASON) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withinDeadline(command, { signal, ...options }) {
  const deadline = AbortSignal.timeout(START_MS);
  try {
    const either = AbortSignal.any([signal, deadline]);
    return await listedOverStdio(command, { ...options, signal: either });
  } catch (error) {
    if (!deadline.aborted) throw error;
    throw new Error(`listed no tools within ${START_MS / 1000} s`);
  }
}

/** All pages of tools/list as one. */
async function everyTool(session) {
  const tools = [];
  for (let cursor; ; ) {
    const page = await session.request({
      method: 'tools/list',
      params: cursor === undefined ? {} : { cursor },
    });
    tools.push(...page.tools);
    cursor = page.nextCursor;
    if (cursor === undefined) return { tools };
  }
}

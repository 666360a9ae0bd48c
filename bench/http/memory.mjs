import { readResidentBytes } from '../process_figures.mjs';
import { rounded } from '../transfers/statistics.mjs';
import { onServers } from './servers.mjs';
import { MEMORY_SUBJECTS } from './works.mjs';

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/**
 * Memory of a server as its idle sessions grow in number, right after the last was opened: what the
 * system sees of it, garbage and all.
 *
 * @param {number[]} sizes numbers of sessions, growing
 */
export async function measureMemory(world, sizes, { load, connections, signal }) {
  const figures = {};
  for (const [name, startOf] of Object.entries(MEMORY_SUBJECTS)) {
    figures[name] = await onServers(world.folder, async (servers) => {
      const { args, env } = startOf(world, []);
      const { url, pid } = await servers.start(args, env);
      const idle = await readResidentBytes(pid);
      const bySessions = [];
      let opened = 0;
      for (const size of sizes) {
        const run = { kind: 'sessions', server: { url }, connections, sessions: size - opened };
        await load.run(run, signal);
        opened = size;
        const bytes = await readResidentBytes(pid);
        bySessions.push({
          sessions: size,
          mib: rounded(bytes / MIB),
          kib_per_session: rounded((bytes - idle) / KIB / size),
        });
      }
      return { idle_mib: rounded(idle / MIB), by_sessions: bySessions };
    });
  }
  return figures;
}

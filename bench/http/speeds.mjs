import { median, ratioOf, rounded } from '../transfers/statistics.mjs';
import { onServers } from './servers.mjs';
import { AT_LEAST, MODES, PEER_NAME, subjectsIn, WORKS } from './works.mjs';

const FIGURES = ['callsPerSecond', 'p50Ms', 'p99Ms', 'cpuMsPerCall'];

const secondsPerCall = ({ callsPerSecond }) => 1 / callsPerSecond;

/** Starts every subject in one mode, and holds what clients ask for against the peer. */
async function measureMode(mode, world, { load, rounds, calls, connections, signal, onRound }) {
  return onServers(world.folder, async (servers) => {
    const started = {};
    for (const [name, startOf] of Object.entries(subjectsIn(world))) {
      const { args, env, token } = startOf(world, MODES[mode]);
      started[name] = { ...(await servers.start(args, env)), token };
    }
    const works = WORKS.map(({ title, asked, subjects = Object.keys(started) }) => ({
      title: `${title}, ${mode}`,
      asked,
      runs: Object.fromEntries(subjects.map((name) => [name, []])),
    }));
    // The first round is not counted: a server that runs already has compiled what it uses.
    for (let round = 0; round <= rounds; round++) {
      for (const { asked, runs } of works) {
        // Each round is begun by another one.
        const names = Object.keys(runs);
        for (let turn = 0; turn < names.length; turn++) {
          const name = names[(round + turn) % names.length];
          const { url, token, pid } = started[name];
          const run = { kind: 'calls', server: { url, token }, pid, asked: asked(name) };
          const size = { calls, connections, stateful: mode === 'stateful' };
          const figures = await load.run({ ...run, ...size }, signal);
          if (round > 0) runs[name].push(figures);
        }
      }
      if (round > 0) onRound(mode, round);
    }
    return works.map(({ title, runs }) => ({ title, ...figuresOf(runs), runs }));
  });
}

function figuresOf(runs) {
  const names = Object.keys(runs);
  return {
    compared: names
      .filter((name) => name !== PEER_NAME)
      .map((name) => {
        const ratio = ratioOf(runs[name], runs[PEER_NAME], secondsPerCall);
        return { ours: name, at_least: AT_LEAST, ratio, met: ratio.median >= AT_LEAST };
      }),
    subjects: Object.fromEntries(
      names.map((name) => [
        name,
        Object.fromEntries(
          FIGURES.map((figure) => [figure, rounded(median(runs[name].map((run) => run[figure])))]),
        ),
      ]),
    ),
  };
}

/**
 * Calls a second beside the peer, in turns, within each mode.
 *
 * @returns one entry for each thing asked for, in each mode
 */
export async function measureSpeeds(world, around) {
  const works = [];
  for (const mode of Object.keys(MODES)) works.push(...(await measureMode(mode, world, around)));
  return works;
}

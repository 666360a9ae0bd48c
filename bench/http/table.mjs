// The published tables: the same rows in the terminal and in docs/performance.md.
import { OURS, PEER_NAME } from './works.mjs';

const spread = ({ median, worst, best }) => `${median} (${worst} to ${best})`;
const verdict = (met) => (met ? 'yes' : 'no');

/** Calls a second beside the peer: one row for each of ours in each work. */
export function httpRows(works) {
  const rows = works.flatMap(({ title, compared, subjects }) =>
    compared.map(({ ours, ratio, at_least: atLeast, met }) => {
      const [us, them] = [subjects[ours], subjects[PEER_NAME]];
      const pair = (figure) => `${us[figure]} / ${them[figure]}`;
      return [
        title,
        ours,
        spread(ratio),
        `≥ ${atLeast}`,
        verdict(met),
        pair('callsPerSecond'),
        pair('p50Ms'),
        pair('p99Ms'),
        pair('cpuMsPerCall'),
      ];
    }),
  );
  return [
    [
      'Asked',
      'Of',
      'Share of the peer',
      'Aim',
      'Met',
      'Calls/s',
      'p50 ms',
      'p99 ms',
      'CPU ms/call',
    ],
    ...rows,
  ];
}

/** Memory with many idle sessions: one row for each server. */
export function sessionRows(memory) {
  const [{ by_sessions: sizes }] = Object.values(memory);
  return [
    [
      'MiB with idle sessions',
      'None',
      ...sizes.map(({ sessions }) => String(sessions)),
      'KiB each',
    ],
    ...Object.entries(memory).map(([name, { idle_mib: idle, by_sessions: figures }]) => [
      name,
      String(idle),
      ...figures.map(({ mib }) => String(mib)),
      String(figures.at(-1).kib_per_session),
    ]),
  ];
}

/** What one process bears, for whoever plans how many there shall be. */
export function sizingRows({ works, memory }) {
  const calls = works.filter(({ title }) => title.startsWith('tools/call'));
  const speeds = calls.flatMap(({ title, subjects }) =>
    Object.entries(subjects)
      .filter(([name]) => name !== PEER_NAME && name !== OURS)
      .map(([name, { callsPerSecond, cpuMsPerCall }]) => [
        `${title}: ${name}`,
        `${callsPerSecond} calls/s, ${cpuMsPerCall} ms of CPU each`,
      ]),
  );
  const { idle_mib: idle, by_sessions: sizes } = memory[OURS];
  const { sessions, mib, kib_per_session: each } = sizes.at(-1);
  return [
    ['One process', 'bears'],
    ...speeds,
    ['memory, idle', `${idle} MiB`],
    [`memory, ${sessions} idle sessions`, `${mib} MiB, ${each} KiB each`],
  ];
}

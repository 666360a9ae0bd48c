// The published table: the same rows in the terminal and in docs/performance.md.

const UNITS = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
];

function amount(bytes) {
  const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? ['B', 1];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}

const spread = ({ median, worst, best }) => `${median} (${worst} to ${best})`;
const verdict = (met) => (met ? 'yes' : 'no');

/** Speeds against peers: one row for each peer of each work. */
export function speedRows(works) {
  const rows = Object.values(works).flatMap(({ title, bytes, compared, subjects }) => {
    const figuresOf = (name) => subjects.find((subject) => subject.name === name);
    return compared.map(({ ours, peer, at_least: atLeast, ratio, ratio_of_act: act, met }) => {
      const [us, them] = [figuresOf(ours), figuresOf(peer)];
      return [
        `${title}, ${amount(bytes)}`,
        peer,
        spread(ratio),
        spread(act),
        atLeast === undefined ? '' : `≥ ${atLeast}`,
        atLeast === undefined ? '' : verdict(met),
        `${us.median_mib_per_second} / ${them.median_mib_per_second}`,
        `${us.cpu_seconds_per_gib} / ${them.cpu_seconds_per_gib}`,
        `${us.peak_mib} / ${them.peak_mib}`,
      ];
    });
  });
  return [
    [
      'Work',
      'Peer',
      'Times as fast',
      'The act alone',
      'Aim',
      'Met',
      'MiB/s',
      'CPU s/GiB',
      'Peak MiB',
    ],
    ...rows,
  ];
}

/** Peak memory above idle: one row for each act. */
export function memoryRows({ figures, acts, idle_mib: idle, ...aims }) {
  const sizes = [...new Set(figures.map(({ bytes }) => bytes))];
  return [
    [`Peak MiB above idle (${idle})`, ...sizes.map(amount), 'Aim', 'Between sizes', 'Aim', 'Met'],
    ...acts.map(({ act, between_sizes: between, met }) => [
      act,
      ...sizes.map((bytes) =>
        String(figures.find((it) => it.act === act && it.bytes === bytes).above_idle_mib),
      ),
      `≤ ${aims.at_most_above_idle_mib}`,
      `${Math.round(between * 100)} %`,
      `≤ ${aims.at_most_between_sizes * 100} %`,
      verdict(met),
    ]),
  ];
}

/** Columns under each other. */
export function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdown([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

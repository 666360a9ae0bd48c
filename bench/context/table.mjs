// The published tables: the same rows in the terminal and in docs/performance.md.

const amount = (number) => number.toLocaleString('en-US');

/** What a client's model is given unasked: one row for each server. */
export function contextRows({ ours, peers, said }) {
  return [
    ['Server', 'Tools', 'Tokens', 'Aim', 'Met', 'Lean', 'Largest tool', 'Instructions'],
    ...ours.map((it) => listRow(it.name, it, it.aims)),
    ...peers.map(({ name, version, failed, ...figures }) =>
      failed === undefined
        ? listRow(`${name} ${version}`, figures)
        : [`${name} ${version}`, 'did not start', '', '', '', '', '', ''],
    ),
    ...said.map(({ name, tools, tokens }) => [
      `${name}, not measured`,
      ...[tools, tokens, '', '', '', '', ''],
    ]),
  ];
}

function listRow(name, figures, aims = []) {
  const { name: largest, tokens: size } = figures.largest_tool;
  const total = aims.find(({ what }) => what === 'tokens');
  return [
    name,
    String(figures.tools),
    amount(figures.tokens),
    total === undefined ? '' : `≤ ${amount(total.at_most)}`,
    total === undefined ? '' : total.met ? 'yes' : 'no',
    amount(figures.lean_tokens),
    `${largest}, ${amount(size)}`,
    amount(figures.instructions_tokens),
  ];
}

/** From a wish to its answer: one row for each trip. */
export function tripRows({ trips }) {
  return [
    ['Wish', 'Operation', 'Search', 'Describe', 'Call', 'Together'],
    ...trips.map(({ wish, operation, steps, answered, tokens }) => {
      const searches = steps.filter(({ tool }) => tool === 'search_operations');
      const described = steps.filter(({ tool }) => tool === 'describe_operation');
      const calls = steps.filter(({ tool }) => tool.startsWith('call_'));
      return [
        wish,
        operation,
        `${pair(searches)}${times(searches)}`,
        pair(described),
        answered ? `${pair(calls)}${times(calls)}` : `${pair(calls)}, an error`,
        amount(tokens),
      ];
    }),
  ];
}

const times = ({ length }) => (length > 1 ? `, ${length} calls` : '');

function pair(steps) {
  const sum = (figure) => steps.reduce((total, step) => total + step[figure], 0);
  return `${amount(sum('asked'))} / ${amount(sum('read'))}`;
}

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const COMMAND = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

export const USAGE = `npm run bench:http -- [options]
  --rounds N        rounds (7)
  --calls N         calls of each run, over all connections together (4000)
  --connections N   clients at a time (8)
  --sessions LIST   comma-separated numbers of idle sessions, growing (1000,10000)
  --command FILE    another build of ours (dist/cli.cjs)
  --out FILE        where the JSON goes; a run at full size needs none`;

/** What makes a run smaller than the one whose figures are published. */
const SIZES = ['calls', 'connections', 'sessions', 'command'];

function countOf(text) {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`not a number of times: ${text}\n${USAGE}`);
  return Number(text);
}

/** @param {string[]} args the command line */
export function readOptions(args) {
  const { values, tokens } = parseArgs({
    args,
    tokens: true,
    options: {
      rounds: { type: 'string', default: '7' },
      calls: { type: 'string', default: '4000' },
      connections: { type: 'string', default: '8' },
      sessions: { type: 'string', default: '1000,10000' },
      command: { type: 'string', default: COMMAND },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    rounds: countOf(values.rounds),
    calls: countOf(values.calls),
    connections: countOf(values.connections),
    sessions: values.sessions.split(',').map(countOf),
    command: values.command,
    out: values.out,
    /** Whether this is the whole measurement, whose figures may be published. */
    whole: !tokens.some(({ name }) => SIZES.includes(name)),
  };
}

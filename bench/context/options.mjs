import { parseArgs } from 'node:util';
import { peersFolder } from './install.mjs';

export const USAGE = `npm run bench:context -- [options]
  --smoke        ours alone, without the network: fails if a list of ours is above its aim
  --peers FOLDER where the peers are installed (${peersFolder()})
  --out FILE     where the JSON goes; a whole run needs none`;

/** @param {string[]} args the command line */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      smoke: { type: 'boolean', default: false },
      peers: { type: 'string', default: peersFolder() },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

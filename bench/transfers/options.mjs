import { parseArgs } from 'node:util';

const UNITS = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

export const USAGE = `npm run bench -- [options]
  --only NAMES          comma-separated: upload, download, paced, session, memory, checksums
  --rounds N            rounds of each work (5)
  --size SIZE           of the one large file, e.g. 256M (1G)
  --files N             files of a session, 256 KiB each (500)
  --memory-sizes SIZES  comma-separated (100M,1G,10G)
  --out FILE            where the JSON goes; a run of everything at full size needs none
  --folder FOLDER       where the files lie (/dev/shm)`;

/** Bytes from `64M`: binary units. */
function bytesOf(text) {
  const [, number, unit] = /^(\d+)([KMG])$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`not a size: ${text}\n${USAGE}`);
  return Number(number) * UNITS[unit];
}

function countOf(text) {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`not a number of times: ${text}\n${USAGE}`);
  return Number(text);
}

/**
 * The command line.
 *
 * @param {string[]} args
 * @param {string[]} workNames every work there is
 */
export function readOptions(args, workNames) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: workNames.join(',') },
      rounds: { type: 'string', default: '5' },
      size: { type: 'string', default: '1G' },
      files: { type: 'string', default: '500' },
      'memory-sizes': { type: 'string', default: '100M,1G,10G' },
      out: { type: 'string' },
      folder: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only.split(',');
  const unknown = only.find((name) => !workNames.includes(name));
  if (unknown !== undefined) throw new Error(`no such work: ${unknown}\n${USAGE}`);
  const sizes = ['size', 'files', 'memory-sizes', 'only'];
  return {
    help: values.help,
    only,
    rounds: countOf(values.rounds),
    size: bytesOf(values.size),
    files: countOf(values.files),
    memorySizes: values['memory-sizes'].split(',').map(bytesOf),
    folder: values.folder,
    out: values.out,
    /** Whether this is the whole measurement, whose figures may be published. */
    whole: !args.some((arg) => sizes.some((name) => arg.split('=')[0] === `--${name}`)),
  };
}

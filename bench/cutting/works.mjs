import { join } from 'node:path';
import { assertSameRows } from './table_file.mjs';

/**
 * What is measured: a CSV cut into compressed parts, beside one gzip file of it at the same level.
 *
 * @param {{ program: string, level: number }} cutter `bench/fixtures/cutter.ts`, bundled
 */
export function cuttingWork({ program, level }) {
  return {
    title: `cutting a CSV, gzip -${level}`,
    bytes: ({ tableBytes }) => tableBytes,
    subjects: ({ folder, table }) => {
      const result = join(folder, 'result');
      const written = (name, command, isFolder) => ({
        name,
        command,
        result,
        check: async (whole) => {
          if (whole) await assertSameRows(table, result, isFolder);
        },
      });
      return [
        written('geopera-mcp', [process.execPath, program, 'cut', table, result], true),
        written('gzip', ['sh', '-c', `exec gzip -${level} -c "$0" > "$1"`, table, result], false),
        written('zlib of Node', [process.execPath, program, 'stream', table, result], false),
      ];
    },
    compared: [
      { ours: 'geopera-mcp', peer: 'gzip', atLeast: 1 },
      { ours: 'geopera-mcp', peer: 'zlib of Node', atLeast: 1 },
    ],
  };
}

import { rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertLength, makeSparseFile, roomIn } from './files.mjs';
import { onStage } from './stage.mjs';
import { median, rounded } from './statistics.mjs';
import { timedProcess } from './timed_process.mjs';

const MIB = 2 ** 20;
/** Left free for everybody else. */
const SPARE_BYTES = 2 * 2 ** 30;
const MOST_ABOVE_IDLE_MIB = 64;
const MOST_BETWEEN_SIZES = 0.1;

/** Where the largest file fits once: in memory if there is plenty, else on disk. */
async function folderWithRoom(base, bytes) {
  const wanted = bytes + SPARE_BYTES;
  if ((await roomIn(base)) >= wanted && freemem() >= wanted) return base;
  if ((await roomIn(tmpdir())) >= wanted) return tmpdir();
  throw new Error(`no folder has ${wanted} bytes free: try smaller --memory-sizes`);
}

/** Peak memory of one act on a file of zeros. */
async function peakOf(act, bytes, stage, signal) {
  const served = join(stage.folder, 'www/sparse.bin');
  const acts = {
    idle: { args: ['idle'] },
    upload: {
      args: ['upload', `${stage.server.url}/stored/sparse.bin`, served],
      result: join(stage.folder, 'stored/sparse.bin'),
    },
    download: {
      args: ['download', `${stage.server.url}/sparse.bin`, join(stage.folder, 'sparse.bin')],
      result: join(stage.folder, 'sparse.bin'),
    },
  };
  const { args, result } = acts[act];
  await makeSparseFile(served, bytes);
  const { peakBytes } = await timedProcess([process.execPath, stage.mover, ...args], {
    folder: stage.folder,
    bytes,
    env: { NODE_EXTRA_CA_CERTS: stage.server.certificate },
    signal,
  });
  if (result !== undefined) {
    await assertLength(result, bytes);
    await rm(result);
  }
  await rm(served);
  return rounded(peakBytes / MIB);
}

/**
 * Peak memory of our process by size, above that of one that has loaded the library and moved nothing.
 *
 * @param {string} base where files go if there is room
 * @param {number[]} sizes in bytes
 */
export async function measureMemory(base, sizes, { rounds, signal, onRound }) {
  const folder = await folderWithRoom(base, Math.max(...sizes));
  const cases = ['upload', 'download'].flatMap((act) => sizes.map((bytes) => ({ act, bytes })));
  const idle = [];
  const peaks = cases.map(() => []);
  await onStage(folder, async (stage) => {
    for (let round = 0; round < rounds; round++) {
      idle.push(await peakOf('idle', 0, stage, signal));
      for (const [at, { act, bytes }] of cases.entries()) {
        peaks[at].push(await peakOf(act, bytes, stage, signal));
      }
      onRound(round + 1);
    }
  });
  const idleMib = median(idle);
  const figures = cases.map(({ act, bytes }, at) => ({
    act,
    bytes,
    peak_mib: rounded(median(peaks[at])),
    above_idle_mib: rounded(median(peaks[at]) - idleMib),
    worst_above_idle_mib: rounded(Math.max(...peaks[at]) - idleMib),
  }));
  return {
    title: 'peak memory',
    idle_mib: rounded(idleMib),
    at_most_above_idle_mib: MOST_ABOVE_IDLE_MIB,
    at_most_between_sizes: MOST_BETWEEN_SIZES,
    acts: ['upload', 'download'].map((act) => actSummary(figures.filter((it) => it.act === act))),
    figures,
    runs: { idle_mib: idle, peaks_mib: cases.map((one, at) => ({ ...one, peaks: peaks[at] })) },
  };
}

function actSummary(figures) {
  const peaks = figures.map(({ peak_mib: peak }) => peak);
  const between = Math.max(...peaks) / Math.min(...peaks) - 1;
  const above = Math.max(...figures.map(({ above_idle_mib: mib }) => mib));
  return {
    act: figures[0].act,
    most_above_idle_mib: above,
    between_sizes: rounded(between),
    met: above <= MOST_ABOVE_IDLE_MIB && between <= MOST_BETWEEN_SIZES,
  };
}

/** The middle of some numbers; of an even count the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Three significant digits: what a figure of a noisy machine is worth. */
export const rounded = (value) => Number(value.toPrecision(3));

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** What one program took over all rounds. */
export function subjectFigures(name, runs, bytes) {
  const gib = bytes / GIB;
  return {
    name,
    median_seconds: rounded(median(runs.map((run) => run.seconds))),
    median_mib_per_second: rounded(bytes / MIB / median(runs.map((run) => run.seconds))),
    best_mib_per_second: rounded(bytes / MIB / Math.min(...runs.map((run) => run.seconds))),
    cpu_seconds_per_gib: rounded(median(runs.map((run) => run.cpuSeconds)) / gib),
    server_cpu_seconds_per_gib: rounded(median(runs.map((run) => run.serverCpuSeconds)) / gib),
    peak_mib: rounded(Math.max(...runs.map((run) => run.peakBytes)) / MIB),
  };
}

/**
 * How many times as fast as a peer: within each round, where both met the same machine.
 *
 * @param {object[]} ours one run a round
 * @param {object[]} theirs the same rounds
 * @param {(run: object) => number} time of a run, in seconds
 */
export function ratioOf(ours, theirs, time) {
  const ratios = ours.map((run, round) => time(theirs[round]) / time(run));
  return {
    median: rounded(median(ratios)),
    best: rounded(Math.max(...ratios)),
    worst: rounded(Math.min(...ratios)),
  };
}

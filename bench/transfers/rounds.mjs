import { rm } from 'node:fs/promises';
import { ratioOf, rounded, subjectFigures } from './statistics.mjs';
import { timedProcess } from './timed_process.mjs';

/** One run of one subject: what it left is checked and removed outside of the measured time. */
async function runOnce(subject, stage, { bytes, whole, signal }) {
  await rm(subject.result, { recursive: true, force: true });
  const serverBefore = await stage.server.cpuSeconds();
  const run = await timedProcess(subject.command, {
    folder: stage.folder,
    bytes,
    env: subject.env,
    signal,
  });
  const serverCpuSeconds = (await stage.server.cpuSeconds()) - serverBefore;
  await subject.check(whole);
  await rm(subject.result, { recursive: true });
  return {
    ...run,
    seconds: Number(run.seconds.toFixed(3)),
    serverCpuSeconds: rounded(serverCpuSeconds),
  };
}

/**
 * Runs the subjects of one work in turns, each round begun by another, and holds them against each
 * other round by round.
 *
 * @param {object} work one of WORKS
 * @param {number} rounds
 */
export async function measureWork(work, stage, { rounds, signal, onRound }) {
  const bytes = work.bytes(stage);
  const subjects = work.subjects(stage);
  const runs = Object.fromEntries(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(round + turn) % subjects.length];
      runs[subject.name].push(await runOnce(subject, stage, { bytes, whole: round === 0, signal }));
    }
    onRound(round + 1);
  }
  return {
    title: work.title,
    bytes,
    compared: work.compared.map(({ ours, peer, atLeast }) => {
      const ratio = ratioOf(runs[ours], runs[peer], (run) => run.seconds);
      return {
        ours,
        peer,
        at_least: atLeast,
        ratio,
        ratio_of_act: ratioOf(runs[ours], runs[peer], (run) => run.actSeconds),
        met: atLeast === undefined || ratio.median >= atLeast,
      };
    }),
    subjects: subjects.map(({ name }) => subjectFigures(name, runs[name], bytes)),
    runs,
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Half of what the paced port gives one connection, and some time to start: slower than that hangs. */
const longestSeconds = (bytes) => 120 + bytes / (10 * 2 ** 20);

/** What `bench/fixtures/mover.ts` says of the act that it was started for. */
const ACT = /^act took (\d+\.\d+) s$/m;

/** Kills a process that leads a group, and what it started. */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Runs one program from start to exit, as `time` sees it.
 *
 * @param {string[]} command program and arguments
 * @param {{ folder: string, bytes: number, env?: Record<string, string>, signal: AbortSignal }} around `folder`
 *   takes a file that `time` writes; `bytes` is what there is to move
 * @returns {Promise<{ seconds: number, actSeconds: number, cpuSeconds: number, peakBytes: number }>} CPU:
 *   user and system; the act: without the start of the process, where it says so itself
 * @throws if the program fails, or hangs
 */
export async function timedProcess(command, { folder, bytes, env = {}, signal }) {
  signal.throwIfAborted();
  const times = join(folder, 'times');
  const started = process.hrtime.bigint();
  // A child of Node itself would count Node's memory at the fork as its own; `time` is small.
  const child = spawn('time', ['-f', '%U %S %M', '-o', times, ...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000);
    });
  }
  const onAbort = () => killGroup(child.pid);
  signal.addEventListener('abort', onAbort, { once: true });
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    killGroup(child.pid);
  }, longestSeconds(bytes) * 1000);
  const [code] = await once(child, 'exit');
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  if (hangs) throw new Error(`${command.join(' ')}\nhangs: ended after ${seconds} s`);
  if (code !== 0) throw new Error(`${command.join(' ')}\nended with ${code}: ${said}`);
  const [user, system, peakKib] = (await readFile(times, 'utf8')).trim().split(' ').map(Number);
  const actSeconds = Number(ACT.exec(said)?.[1] ?? seconds);
  return { seconds, actSeconds, cpuSeconds: user + system, peakBytes: peakKib * 1024 };
}

import { readFile } from 'node:fs/promises';

/** Linux counts a process's time in these, whatever the kernel's own tick. */
const CLOCK_TICKS_PER_SECOND = 100;

/** User and system time of a process so far, all of its threads. */
export async function readCpuSeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(utime) + Number(stime)) / CLOCK_TICKS_PER_SECOND;
}

/** Memory that a process holds now. */
export async function readResidentBytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  return Number(kib) * 1024;
}

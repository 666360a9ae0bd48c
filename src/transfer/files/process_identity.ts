import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errnoOf } from '../failures/disk_problem.ts';

export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  /** When it started, in clock ticks since the machine did; Linux alone says it. */
  started: z.string().optional(),
});

/** What tells a process from a later one with the same id. */
export type ProcessIdentity = z.output<typeof processIdentitySchema>;

export async function ownIdentity(): Promise<ProcessIdentity> {
  const { pid } = process;
  return { pid, started: (await processStat(pid))?.started };
}

/** Where no start is known, a process that has the same id now counts as the same one. */
export async function isRunning({ pid, started }: ProcessIdentity): Promise<boolean> {
  if (!takesSignals(pid)) return false;
  const now = await processStat(pid);
  if (now === undefined) return true;
  // Killed, but its parent has not asked for its exit code yet.
  if (now.state === 'Z') return false;
  return started === undefined || started === now.started;
}

function takesSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Any other refusal says that it is there, but belongs to someone else.
    return errnoOf(error) !== 'ESRCH';
  }
}

interface ProcessStat {
  readonly state: string | undefined;
  readonly started: string | undefined;
}

/** Fields 3 and 22 of `/proc/PID/stat`, as proc(5) numbers them; nothing on other systems. */
async function processStat(pid: number): Promise<ProcessStat | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command's name in brackets, and may hold blanks and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch (error) {
    // It has just ended, or the system hides the processes of others.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

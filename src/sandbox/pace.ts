import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultAction } from './faults.ts';

/** Holds a body back: to be awaited after each piece of so many bytes. */
export type Pace = (bytes: number) => Promise<void>;

/** The pace that a fault sets from now on, as long as the client stays; undefined for none. */
export function paceOf(fault: FaultAction | undefined, response: ServerResponse): Pace | undefined {
  if (fault === undefined || !('bytes_per_second' in fault)) return undefined;
  const { bytes_per_second: rate } = fault;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const startedAt = Date.now();
  let passed = 0;
  return async (bytes) => {
    passed += bytes;
    const due = startedAt + (passed / rate) * 1000;
    const waited = sleep(Math.max(0, due - Date.now()), undefined, { signal: gone.signal });
    // The next write or read finds out by itself that nobody is there.
    await waited.catch(() => {});
  };
}

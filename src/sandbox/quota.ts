import { ProblemError } from './problems.ts';
import type { StoredState, UploadSession } from './state_model.ts';

/** Bytes of all assets. */
export function usedBytes(state: StoredState): number {
  return sum(state.assets.map((asset) => asset.size_bytes));
}

/** Bytes that one session holds back: its `total_bytes` while it is open. */
export function reservationOf(session: UploadSession): number {
  return session.status === 'open' ? session.total_bytes : 0;
}

/** Bytes that all open sessions hold back. */
export function reservedBytes(state: StoredState): number {
  return sum(state.sessions.map(reservationOf));
}

/** @throws ProblemError 402 if so many more bytes do not fit the quota */
export function requireQuota(state: StoredState, quotaBytes: number, wanted: number): void {
  const taken = usedBytes(state) + reservedBytes(state);
  if (taken + wanted <= quotaBytes) return;
  throw new ProblemError(
    402,
    `Storage quota exceeded: ${wanted} bytes requested, ${Math.max(0, quotaBytes - taken)} of ${quotaBytes} available`,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

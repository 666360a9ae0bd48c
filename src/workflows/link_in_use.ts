import type { LinkedSession } from './linked_session.ts';
import type { FailurePoint, Reservation } from './upload_failed.ts';

/** An open session that something is done to, whichever process holds it. */
export interface LinkInUse {
  /** Absent where this process does not hold it. */
  readonly session?: LinkedSession | undefined;
  /** When it is failed, in epoch milliseconds, unless somebody comes before; undefined if not known. */
  readonly heldUntil: number | undefined;
  /**
   * Files of it have fresh links.
   *
   * @param linksEndAt in epoch milliseconds, where they say so
   */
  signed(linksEndAt: number | undefined): Promise<void>;
  /** An attempt to finish it failed so that another one may succeed. */
  triedInVain(): Promise<void>;
  /** While `work` runs the deadline does not strike. */
  during<T>(work: () => Promise<T>): Promise<T>;
  completed(): Promise<void>;
  /** Releases its reservation. Never throws. */
  fail(point: FailurePoint): Promise<Reservation>;
}

import type { Outcome } from './transfer_job.ts';

/** How outcomes cross from one process to another. */
export interface OutcomeCodec<Result> {
  /** @returns what `JSON.stringify` takes */
  write(outcome: Outcome<Result>): unknown;
  /** @param json what another process wrote, perhaps of another version; never throws */
  read(json: unknown): Outcome<Result>;
}

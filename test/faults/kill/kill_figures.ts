/** What a suite of kills counts; zeros belong where something was lost. */
export class KillFigures {
  tried = 0;
  /** Killed before every act had answered. */
  inFlight = 0;
  survived = 0;
  reservationsLeaked = 0;
  bytesWrong = 0;
  partialAtFinalPath = 0;
  leftovers = 0;
  resumedBytes = 0;
  fetchedTwiceBytes = 0;

  line(seed: number, worlds: number): string {
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
    return [
      `kill -9: ${this.tried} tried (${this.inFlight} in mid-act), ${this.survived} survived`,
      `reservations leaked ${this.reservationsLeaked}`,
      `bytes wrong ${this.bytesWrong}`,
      `partial files at final paths ${this.partialAtFinalPath}`,
      `files left over ${this.leftovers}`,
      `resumed ${megabytes(this.resumedBytes)}, of it fetched twice ${megabytes(this.fetchedTwiceBytes)}`,
      `${worlds} worlds, seed ${seed} (FAULT_SEED)`,
    ].join('; ');
  }
}

/** How far an act has come, for whoever listens. */
export interface Progress {
  /** Bytes done so far; never falls. */
  readonly done: number;
  /** Bytes in all, where known. */
  readonly total?: number | undefined;
  readonly message: string;
}

/** One running act: how it is stopped and who hears of it. */
export interface Act {
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
  /**
   * Whether others still take it for under way; absent where nobody else could know of it. Rejects with the
   * signal's reason.
   */
  readonly mayFinish?: () => Promise<boolean>;
}

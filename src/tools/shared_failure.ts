import type { Explanation } from './explanation.ts';

/** What a transfer that did not end well leaves where it moved bytes to. */
export interface LeftBehind {
  readonly uploadId?: string | undefined;
  /** What became of the storage that an upload had reserved. */
  readonly reservation?: 'released' | 'over' | 'held' | undefined;
  /** Whether a download left what came, so that the same call goes on from there. */
  readonly partialKept: boolean;
  /** The end of an upload was asked for before it was stopped, and Geopera says that there is one. */
  readonly mayBeDone: boolean;
}

/** The failure of a transfer that another server ran, in that server's words. */
export class SharedFailure extends Error {
  readonly explanation: Explanation;
  readonly left: LeftBehind;

  constructor(explanation: Explanation, left: LeftBehind) {
    super('a transfer of another server failed');
    this.name = 'SharedFailure';
    this.explanation = explanation;
    this.left = left;
  }
}

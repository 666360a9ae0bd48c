/** A failure in the three parts that help a model go on, and a code for programs. */
export interface Explanation {
  readonly code: string;
  /** What failed and why. */
  readonly what: string;
  /** What to do next, naming tools where one helps. */
  readonly next: string;
  /** True if the same call may well succeed later. */
  readonly retryable: boolean;
}

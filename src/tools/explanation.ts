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

/** Words of others as a sentence of ours: with one full stop, whether they bring one or not. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** A fault of our own, which the log tells more of than the model should read. */
export const INTERNAL: Explanation = {
  code: 'internal',
  what: 'This failed by a fault inside geopera-mcp.',
  next: 'Tell the user; the log of this server has more.',
  retryable: false,
};

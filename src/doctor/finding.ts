/** What one look found. */
export interface Finding {
  /** What was looked at, in a word or two, as `clock`. */
  readonly check: string;
  /** `warning`: something may fail; `fault`: something does. */
  readonly state: 'ok' | 'warning' | 'fault';
  /** In one line. */
  readonly found: string;
  /** What is to be said of it one by one. */
  readonly details?: readonly string[];
  /** What to do; of everything that is not ok. */
  readonly advice?: string;
  /** The same for programs. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** A finding whose check is named by the table of checks. */
export type Found = Omit<Finding, 'check'>;

type More = Pick<Finding, 'details' | 'facts'>;

export const ok = (found: string, more: More = {}): Found => ({ ...more, state: 'ok', found });

export const warning = (found: string, advice: string, more: More = {}): Found => ({
  ...more,
  state: 'warning',
  found,
  advice,
});

export const fault = (found: string, advice: string, more: More = {}): Found => ({
  ...more,
  state: 'fault',
  found,
  advice,
});

type Generation = 'v1' | 'v2';

/** A dataset that is there before anybody uploads. */
interface SeededDataset {
  /** `workspace.collection.dataset` */
  readonly table: string;
  /** Logical types by column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: number;
}

export interface OpteryxEmulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Clock for tokens, sessions and contracts. */
  readonly now?: () => Date;
  /** Life of a token; 300 if absent. */
  readonly tokenSeconds?: number;
  /** Life of a session or contract; 21,600 if absent. */
  readonly sessionSeconds?: number;
  /** Largest part as it comes over the wire; 30,000,000 if absent. */
  readonly wireLimitBytes?: number;
  /** Largest part once decoded; 200,000,000 if absent. */
  readonly decodedLimitBytes?: number;
  /** What is served; both if absent. What is not is answered as a path that nobody knows. */
  readonly generations?: readonly Generation[];
  readonly datasets?: readonly SeededDataset[];
  /** How v1 refuses a value that is not of its column's type; 409 if absent. */
  readonly uncastableStatus?: 409 | 422;
}

/** The options with nothing left open. */
export type OpteryxSettings = Required<OpteryxEmulatorOptions>;

export function settingsOf(options: OpteryxEmulatorOptions): OpteryxSettings {
  return {
    port: 0,
    now: () => new Date(),
    tokenSeconds: 300,
    sessionSeconds: 21_600,
    wireLimitBytes: 30_000_000,
    decodedLimitBytes: 200_000_000,
    generations: ['v1', 'v2'],
    datasets: [],
    uncastableStatus: 409,
    ...options,
  };
}

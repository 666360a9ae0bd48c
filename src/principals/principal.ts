/** Who calls, as Geopera knows them. */
export interface Principal {
  /** The same for all tokens of one caller. */
  readonly id: string;
  /** What the token may do, where Geopera shows it. */
  readonly scopes: readonly string[] | undefined;
  /** Epoch milliseconds after which the token is none; absent where it does not say. */
  readonly expiresAt?: number | undefined;
}

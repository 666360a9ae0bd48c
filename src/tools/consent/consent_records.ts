/** A spend that begins, or is part of one that has. */
export interface BegunSpend {
  /** The key that it goes out with. */
  readonly key: string;
  /** False if an equal one was open already, whose key this is. */
  readonly isFirst: boolean;
}

/** What is kept of acts that were agreed to: by one server, or by all that share it. */
export interface ConsentRecords {
  /** Notes that a confirmation was used, for as long as it lasts. False if it had been used before. */
  use(confirmationId: string, seconds: number): Promise<boolean>;
  /** The key of the spend of this name that has begun, and of whose fate nothing is known. */
  openSpend(name: string): Promise<string | undefined>;
  /** Notes that a spend begins, for as long as its key is of use. */
  beginSpend(name: string, key: string, seconds: number): Promise<BegunSpend>;
  /** The fate of a spend is known: the next one of its name is another. */
  endSpend(name: string, key: string): Promise<void>;
}

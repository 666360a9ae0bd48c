/** What is known of a session besides its server: enough for another process to go on with it. */
export interface SessionRecord {
  readonly principal: string;
  /** The body of its `initialize`. */
  readonly initialize: unknown;
}

/** The sessions of all processes that share them. */
export interface SessionRecords {
  save(id: string, record: SessionRecord): Promise<void>;
  /**
   * @returns undefined if there is none, or if it is another principal's
   * @throws SharedStateAway, which no other method does
   */
  find(id: string, principal: string): Promise<SessionRecord | undefined>;
  /** Keeps it for another idle lifetime. */
  touch(id: string): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Where one process serves alone, no other goes on with its sessions. */
export const noSessionRecords: SessionRecords = {
  save: async () => undefined,
  find: async () => undefined,
  touch: async () => undefined,
  remove: async () => undefined,
};

/** What is known of a session besides its server: enough for another process to go on with it. */
export interface SessionRecord {
  readonly principal: string;
  /** The body of its `initialize`. */
  readonly initialize: unknown;
}

/** The sessions of all processes that share them. None of its methods throws. */
export interface SessionRecords {
  save(id: string, record: SessionRecord): Promise<void>;
  /** @returns undefined if there is none, if it is another principal's, or if it cannot be known now */
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

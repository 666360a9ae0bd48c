import type { ServiceName } from './http/service_error.ts';

/**
 * By which calls an upload was made: they decide how it is cleaned up. Of `geolens_job` only what goes in
 * parts is noted: to end any other job without parts would complete it.
 */
export type StagingFlow = 'opteryx_session' | 'opteryx_contract' | 'geolens_job';

/** An upload that is open at a service, as whoever comes after a crash must know it. Holds no secret. */
export interface StagedUpload {
  readonly service: ServiceName;
  readonly flow: StagingFlow;
  /** Of the session, the contract or the job. */
  readonly id: string;
  /** When the service removes it by itself, as ISO 8601, where that is known. */
  readonly expiresAt?: string | undefined;
}

/** Whose uploads are noted, so that nobody else's credentials are tried on them. */
export interface StagingAccount {
  /** Address of the service. */
  readonly api: string;
  /** Same for the same account, and no secret. */
  readonly fingerprint: string;
}

/** What is noted of one upload. A journal is no reason to fail: no method throws but as it says. */
export interface StagedEntry {
  /**
   * To be called right before it is finished: after that, to clean up could remove what was made of it.
   * Throws `SessionTakenOver` if this process was taken for gone: others may be removing what it staged.
   */
  finishing(): Promise<void>;
  /** It is finished, or may be, or nothing of it is left, or nothing can be done about what is. */
  remove(): Promise<void>;
  /** It is not finished and may still be there: it is left to whoever looks next, who removes it. */
  leave(): Promise<void>;
}

/** Notes on disk which uploads are open at services, so that none outlives its process unseen. */
export interface StagingJournal {
  /** Absent where nothing is noted. */
  readonly account?: StagingAccount;
  begin(upload: StagedUpload): Promise<StagedEntry>;
}

const noEntry: StagedEntry = {
  finishing: async () => undefined,
  remove: async () => undefined,
  leave: async () => undefined,
};

/** Where there is nowhere to keep it. */
export const noStagingJournal: StagingJournal = { begin: async () => noEntry };

import type { ServiceName } from './http/service_error.ts';

/** By which calls an upload was made: they decide how it is cleaned up. */
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

/** What is noted of one upload. A journal is no reason to fail: no method throws. */
export interface StagedEntry {
  /** To be called before it is finished: after that, to clean up could remove what was made of it. */
  finishing(): Promise<void>;
  /** It is finished, or nothing of it is left, or nothing can be done about what is. */
  remove(): Promise<void>;
  /** It may still be there: it is left to whoever looks next. */
  leave(): Promise<void>;
}

/** Notes on disk which uploads are open at services, so that none outlives its process unseen. */
export interface StagingJournal {
  begin(upload: StagedUpload): Promise<StagedEntry>;
}

const noEntry: StagedEntry = {
  finishing: async () => undefined,
  remove: async () => undefined,
  leave: async () => undefined,
};

/** Where there is nowhere to keep it. */
export const noStagingJournal: StagingJournal = { begin: async () => noEntry };

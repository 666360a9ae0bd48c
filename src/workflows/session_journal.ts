import type { z } from 'zod';
import type { uploads } from '../operations/uploads.ts';
import type { SessionRecord } from './session_record.ts';

/** What `uploads.initiate` is sent, as the API will read it. */
export type InitiateBody = z.output<typeof uploads.initiate.input>;

/** What is known of a session before it is opened. */
export interface SessionFacts {
  readonly projectId: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
}

/** What became known of a session since it was noted. */
export type SessionNews = Partial<Pick<SessionRecord, 'uploadId' | 'step' | 'heldUntil'>>;

/** What is noted of one session. A journal is no reason to fail: no method throws, but for its signal. */
export interface SessionEntry {
  /** Call it before `uploads.initiate` is sent, so that the session can be found whatever happens. */
  intend(initiate: InitiateBody, idempotencyKey: string): Promise<void>;
  note(news: SessionNews): Promise<void>;
  /**
   * Whether the session is still this process's; to be asked right before it is completed. One that slept
   * may have been taken for gone, its session claimed, and its caller told to begin again.
   */
  mayComplete(signal: AbortSignal): Promise<boolean>;
  /** The session is completed, released or over. */
  remove(): Promise<void>;
  /**
   * The session may still hold its reservation: it is left to whoever looks next.
   *
   * @returns false if nobody will, since nothing is noted
   */
  leave(): Promise<boolean>;
}

/** Notes on disk which upload sessions are open, so that none outlives its process unseen. */
export interface SessionJournal {
  begin(session: SessionFacts): Promise<SessionEntry>;
}

const noEntry: SessionEntry = {
  intend: async () => undefined,
  note: async () => undefined,
  mayComplete: async () => true,
  remove: async () => undefined,
  leave: async () => false,
};

/** For a sandbox that ends with this process: no reservation of it can be left. */
export const noSessionJournal: SessionJournal = { begin: async () => noEntry };

import type { SharedPresence } from '../jobs/owner_presence.ts';
import type { TransferJobs } from '../jobs/transfer_jobs.ts';
import type { ConsentRecords } from '../tools/consent/consent_records.ts';
import type { ToolAnswer } from '../tools/tool.ts';
import type { SessionEvents } from '../transports/http/events/session_events.ts';
import type { RateStore } from '../transports/http/gates/rate_gate.ts';
import type { SessionRecords } from '../transports/http/session_records.ts';
import type { LinkRecords } from '../workflows/link_records.ts';
import type { SessionJournal } from '../workflows/session_journal.ts';
import type { LeftSessionsOptions } from './http_left_sessions.ts';

/** What a server keeps of its work: for itself, or for all replicas. */
export interface Kept {
  readonly jobs: TransferJobs<ToolAnswer>;
  /** What was sent in one session of a client. */
  events(sessionId: string): SessionEvents;
  readonly records: SessionRecords;
  /** Notes the upload sessions of a token's account. */
  journal(token: string): SessionJournal;
  /** Releases what other processes left open of a token's account. */
  readonly sweep: LeftSessionsOptions['sweep'];
  /** Absent where this process alone knows its upload links. */
  readonly links?: LinkRecords;
  /** Absent where this process alone sees its owners. */
  readonly presence?: SharedPresence;
  /** Absent where this process alone counts requests. */
  readonly rates?: RateStore;
  /** Signs what users are shown before it is done. */
  confirmationKey(): Promise<Uint8Array>;
  /** What they confirmed, and what was spent of it. */
  readonly consent: ConsentRecords;
  /** Rejects while what is shared cannot be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}

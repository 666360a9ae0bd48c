import type { LinkName } from './link_records.ts';
import type { SessionEntry } from './session_journal.ts';
import type { FailurePoint, Reservation } from './upload_failed.ts';
import type { NamedFile } from './upload_request.ts';

/** A file that its user sends. */
export interface LinkedFile extends NamedFile {
  readonly bytes: number;
}

/** An upload session whose files its user sends. */
export interface LinkedSession extends LinkName {
  readonly projectId: string;
  readonly files: readonly LinkedFile[];
  readonly entry: SessionEntry;
  /** Releases its reservation, as the caller who opened it. Never throws. */
  end(point: FailurePoint): Promise<Reservation>;
}

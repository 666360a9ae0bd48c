import type { Act } from '../../transfer/act.ts';
import type { TransferEngine } from '../../transfer/engine.ts';
import type { ConnectedService } from '../connected_service.ts';
import { connectedUpload } from '../connected_upload.ts';
import { type TableToSend, withOpenTables } from './open_tables.ts';
import { type SessionOutcome, type SessionTerms, sessionConnector } from './opteryx_sessions.ts';
import { assertFitSession } from './session_parts.ts';

/** Tables that are to become rows of one dataset, all or none. */
export interface SessionUploadRequest extends SessionTerms {
  /** At least one. */
  readonly tables: readonly TableToSend[];
}

/**
 * Sends tables in parts as one session, and commits it.
 *
 * @throws TableRefused, NotATable, ServiceError, TransferError before a session is open;
 * ServiceUploadFailed after that
 */
export async function sessionUpload(
  { tables, ...terms }: SessionUploadRequest,
  act: Act,
  service: ConnectedService,
  engine: TransferEngine,
): Promise<SessionOutcome> {
  const startedAt = engine.clock.now();
  const done = await withOpenTables(tables, act.signal, async (open) => {
    await assertFitSession(open, act.signal);
    return connectedUpload(sessionConnector(terms, open, service, engine), act);
  });
  return { ...done, seconds: (engine.clock.now() - startedAt) / 1000 };
}

import type { SandboxContext } from './context.ts';
import { balanceOf } from './credits.ts';
import { reservationOf, reservedBytes, usedBytes } from './quota.ts';
import type { StoredState, UploadSession } from './state_model.ts';

interface SessionState {
  readonly id: string;
  readonly status: UploadSession['status'];
  readonly reserved_bytes: number;
  /** How often each operation was called with this session, by operation id. */
  readonly calls: Readonly<Record<string, number>>;
  readonly bytes_uploaded: number | null;
  readonly error_message: string | null;
  readonly error_step: string | null;
  readonly item_ids: readonly string[];
}

/** What `GET /sandbox/state` shows: no token, no key, no URL. */
export interface SandboxState {
  readonly project_id: string;
  /** A project of another organization, to try what is answered for one. */
  readonly foreign_project_id: string;
  readonly sessions: readonly SessionState[];
  readonly open_sessions: number;
  readonly reserved_bytes: number;
  readonly used_bytes: number;
  readonly quota_bytes: number;
  readonly egress_bytes: number;
  readonly credit_balance: number;
  readonly orders: number;
  /** Requests at storage that carried an `Authorization` or `X-API-Key` header. */
  readonly credentials_seen_by_storage: number;
  /** Requests that a fault has struck since this sandbox started. */
  readonly faults_struck: number;
}

export function reportState(context: SandboxContext): SandboxState {
  const { store, settings, faults } = context;
  const { state } = store;
  const [own, foreign] = state.projects;
  return {
    project_id: own.id,
    foreign_project_id: foreign.id,
    sessions: state.sessions.map(sessionState),
    open_sessions: countOpen(state),
    reserved_bytes: reservedBytes(state),
    used_bytes: usedBytes(state),
    quota_bytes: settings.quotaBytes,
    egress_bytes: state.egress_bytes,
    credit_balance: balanceOf(context),
    orders: state.orders.length,
    credentials_seen_by_storage: state.credentials_seen_by_storage,
    faults_struck: faults.struck,
  };
}

function sessionState(session: UploadSession): SessionState {
  return {
    id: session.id,
    status: session.status,
    reserved_bytes: reservationOf(session),
    calls: { ...session.calls },
    bytes_uploaded: session.bytes_uploaded,
    error_message: session.error_message,
    error_step: session.error_step,
    item_ids: [...session.item_ids],
  };
}

function countOpen(state: StoredState): number {
  return state.sessions.filter(({ status }) => status === 'open').length;
}

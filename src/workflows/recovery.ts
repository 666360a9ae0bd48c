import {
  type RecordSweep,
  type SettledRecord,
  settleLeftRecords,
} from '../transfer/records/left_records.ts';
import type { WorkflowLog } from './context.ts';
import type { CrashedSession, CrashedSessionRequest } from './crashed_session.ts';
import { SessionFolder } from './session_folder.ts';
import { isHeld, type SessionAccount, type SessionRecord } from './session_record.ts';

export interface RecoveryOptions {
  readonly folder: string;
  readonly account: SessionAccount;
  /**
   * Releases one session. Given from outside, since this file is bundled apart from the client and
   * shares no error classes with it.
   */
  release(request: CrashedSessionRequest): Promise<CrashedSession>;
  /** Sessions that are not to be tried. */
  skips?(record: SessionRecord): boolean;
  /** Whether files of a session may still be on their way, as links of it were signed since it was noted. */
  isAwaited?(uploadId: string): Promise<boolean>;
  readonly log: WorkflowLog;
  /** Ends the sweep before the next session; the one at hand is finished. */
  readonly signal: AbortSignal;
}

/** A session that a sweep took in hand, and what became of it. */
export type RecoveredSession = SettledRecord<SessionRecord, CrashedSession>;

/** What a sweep found to do. */
export type Sweep = RecordSweep<SessionRecord, CrashedSession>;

/**
 * Releases the sessions in a folder whose process is gone. Sessions of another account, of running
 * processes, and those whose files others may still be sending, stay.
 *
 * @param keys whether sessions of another key at the same address are tried too
 */
export function releaseLeftSessions(
  options: RecoveryOptions,
  keys: 'same' | 'any' = 'same',
): Promise<Sweep> {
  const { log, signal } = options;
  return settleLeftRecords({
    folder: new SessionFolder(options.folder),
    wants: (record) => isWanted(record, options, keys),
    settle: (record, note) => settle(record, note, options),
    isOpen: ({ state }) => state === 'held',
    stuck: ({ uploadId }, failure) => {
      return { state: 'held', uploadId, reason: String(failure), again: false };
    },
    what: 'upload session',
    log,
    signal,
  });
}

async function isWanted(
  record: SessionRecord,
  options: RecoveryOptions,
  keys: 'same' | 'any',
): Promise<boolean> {
  const { api, fingerprint } = record.account;
  if (api !== options.account.api || isHeld(record) || options.skips?.(record)) return false;
  if (keys === 'same' && fingerprint !== options.account.fingerprint) return false;
  return record.uploadId === undefined || !(await options.isAwaited?.(record.uploadId));
}

async function settle(
  record: SessionRecord,
  note: (record: SessionRecord) => Promise<void>,
  { account, release, log }: RecoveryOptions,
): Promise<CrashedSession> {
  const outcome = await release({
    record,
    sameAccount: record.account.fingerprint === account.fingerprint,
    now: Date.now(),
    heard: (uploadId) =>
      note({ ...record, uploadId }).catch((failure: unknown) => {
        // It is released all the same, which is what counts.
        log.warn({ uploadId, failure: String(failure) }, 'could not note an upload session');
      }),
  });
  report(record, outcome, log);
  return outcome;
}

function report(record: SessionRecord, outcome: CrashedSession, log: WorkflowLog): void {
  const { projectId, bytes, step } = record;
  const uploadId = 'uploadId' in outcome ? outcome.uploadId : undefined;
  const facts = { uploadId, projectId, files: record.files.map(({ name }) => name), bytes, step };
  const { level, words } = TOLD[outcome.state];
  const reason = outcome.state === 'held' ? { reason: outcome.reason } : {};
  log[level]({ ...facts, ...reason }, words);
}

interface Telling {
  readonly level: 'info' | 'warn';
  readonly words: string;
}

const TOLD: Readonly<Record<CrashedSession['state'], Telling>> = {
  released: { level: 'warn', words: 'released an upload session that a process had left open' },
  over: { level: 'info', words: 'an upload session that a process had left was over already' },
  unfindable: {
    level: 'warn',
    words: 'no upload session is found for one that a process was opening when it ended',
  },
  held: {
    level: 'warn',
    words: 'an upload session that a process left could not be released now',
  },
};

import type { WorkflowLog } from './context.ts';
import type { CrashedSession, CrashedSessionRequest } from './crashed_session.ts';
import { type FoundSession, type SessionFile, SessionFolder } from './session_folder.ts';
import { isHeld, isSession, type SessionAccount, type SessionRecord } from './session_record.ts';

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
export interface RecoveredSession {
  readonly record: SessionRecord;
  readonly outcome: CrashedSession;
}

/** What a sweep found to do. */
export interface Sweep {
  readonly recovered: readonly RecoveredSession[];
  /** Where records lie that cannot be read. */
  readonly setAside: readonly string[];
}

/**
 * Releases the sessions in a folder whose process is gone: each is taken over by a rename, so that of
 * several processes one alone acts. Sessions of another account, of running processes, and those whose
 * files others may still be sending, stay.
 *
 * @param keys whether sessions of another key at the same address are tried too
 */
export async function releaseLeftSessions(
  options: RecoveryOptions,
  keys: 'same' | 'any' = 'same',
): Promise<Sweep> {
  const folder = new SessionFolder(options.folder);
  const recovered: RecoveredSession[] = [];
  const setAside: string[] = [];
  await folder.dropUnfinished();
  for (const found of await folder.list()) {
    if (options.signal.aborted) break;
    if (found.life !== 'gone') continue;
    try {
      if (found.record === 'damaged')
        setAside.push(...(await putAside(folder, found, options.log)));
      else if (isSession(found.record) && (await isWanted(found.record, options, keys))) {
        recovered.push(...(await recover(folder, found, options)));
      }
    } catch (failure) {
      // A record that cannot be moved must not keep the others from being released.
      recovered.push(...heldBack(found, failure, options.log));
    }
  }
  return { recovered, setAside };
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

function heldBack(
  { path, record }: FoundSession,
  failure: unknown,
  log: WorkflowLog,
): RecoveredSession[] {
  const reason = String(failure);
  log.warn(
    { path, failure: reason },
    'the record of a left upload session cannot be taken in hand',
  );
  if (!isSession(record)) return [];
  const { uploadId } = record;
  return [{ record, outcome: { state: 'held', uploadId, reason, again: false } }];
}

async function putAside(
  folder: SessionFolder,
  found: FoundSession,
  log: WorkflowLog,
): Promise<string[]> {
  const file = await folder.claim(found);
  if (file === undefined) return [];
  const path = await file.setAside();
  log.warn({ path }, 'a record of an upload session cannot be read: it was set aside');
  return [path];
}

async function recover(
  folder: SessionFolder,
  found: FoundSession,
  { account, release, log }: RecoveryOptions,
): Promise<RecoveredSession[]> {
  const file = await folder.claim(found);
  if (file === undefined) return [];
  // Read again: it may have been written between the look and the claim.
  const record = await file.read();
  if (!isSession(record) || isHeld(record)) {
    await file.leave();
    return [];
  }
  const sameAccount = record.account.fingerprint === account.fingerprint;
  const outcome = await settle(file, () =>
    release({
      record,
      sameAccount,
      now: Date.now(),
      heard: (uploadId) =>
        file.write({ ...record, uploadId }).catch((failure: unknown) => {
          // It is released all the same, which is what counts.
          log.warn({ uploadId, failure: String(failure) }, 'could not note an upload session');
        }),
    }),
  );
  report(record, outcome, log);
  return [{ record, outcome }];
}

/** Whatever happens, the record is gone or left for the next look. */
async function settle(
  file: SessionFile,
  release: () => Promise<CrashedSession>,
): Promise<CrashedSession> {
  let outcome: CrashedSession | undefined;
  try {
    outcome = await release();
    return outcome;
  } finally {
    if (outcome === undefined || outcome.state === 'held') await file.leave();
    else await file.remove();
  }
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

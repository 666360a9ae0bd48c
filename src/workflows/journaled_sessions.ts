import { KeptRecord } from '../transfer/records/kept_record.ts';
import type { WorkflowLog } from './context.ts';
import { SessionFolder } from './session_folder.ts';
import type {
  InitiateBody,
  SessionEntry,
  SessionFacts,
  SessionJournal,
  SessionNews,
} from './session_journal.ts';
import type { SessionAccount, SessionRecord } from './session_record.ts';

/** Where journals are kept and for whom. */
export interface SessionJournalOptions {
  readonly folder: string;
  readonly account: SessionAccount;
  readonly log: WorkflowLog;
}

export function createSessionJournal(options: SessionJournalOptions): SessionJournal {
  const { account, log } = options;
  const folder = new SessionFolder(options.folder);
  let warned = false;
  const warnOnce = (failure: unknown) => {
    if (warned) return;
    warned = true;
    log.warn(
      { folder: options.folder, failure: String(failure) },
      'upload sessions cannot be noted on disk: if this process is killed, a reservation may stay',
    );
  };
  return {
    async begin(session) {
      return new JournaledSession(folder, { ...session, v: 1, account }, warnOnce);
    },
  };
}

type Known = SessionFacts & Pick<SessionRecord, 'v' | 'account'>;

class JournaledSession implements SessionEntry {
  readonly #known: Known;
  readonly #startedAt = Date.now();
  readonly #kept: KeptRecord<SessionRecord>;

  constructor(folder: SessionFolder, known: Known, failed: (failure: unknown) => void) {
    this.#known = known;
    this.#kept = new KeptRecord(folder, failed);
  }

  intend(initiate: InitiateBody, idempotencyKey: string): Promise<void> {
    const files = [...this.#known.files];
    const startedAt = this.#startedAt;
    const record = { ...this.#known, files, startedAt, initiate, idempotencyKey };
    return this.#kept.begin({ ...record, step: 'initiate' });
  }

  note(news: SessionNews): Promise<void> {
    return this.#kept.note(news);
  }

  /** Also where no record can be seen: what another has released by now, the API does not complete. */
  mayComplete(): Promise<boolean> {
    return this.#kept.isMine();
  }

  remove(): Promise<void> {
    return this.#kept.remove();
  }

  leave(): Promise<boolean> {
    return this.#kept.leave();
  }
}

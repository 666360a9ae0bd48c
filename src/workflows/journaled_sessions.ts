import type { WorkflowLog } from './context.ts';
import { type SessionFile, SessionFolder } from './session_folder.ts';
import type {
  InitiateBody,
  SessionEntry,
  SessionFacts,
  SessionJournal,
  SessionNews,
} from './session_journal.ts';
import { TOUCH_EVERY_MS } from './session_owner.ts';
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
  readonly #folder: SessionFolder;
  readonly #known: Known;
  readonly #startedAt = Date.now();
  readonly #failed: (failure: unknown) => void;
  #file: SessionFile | undefined;
  #record: SessionRecord | undefined;
  #taken = false;
  #touching: NodeJS.Timeout | undefined;

  constructor(folder: SessionFolder, known: Known, failed: (failure: unknown) => void) {
    this.#folder = folder;
    this.#known = known;
    this.#failed = failed;
  }

  async intend(initiate: InitiateBody, idempotencyKey: string): Promise<void> {
    const files = [...this.#known.files];
    const startedAt = this.#startedAt;
    const record = { ...this.#known, files, startedAt, initiate, idempotencyKey };
    await this.#try(async () => {
      this.#file ??= await this.#folder.create();
      await this.#write({ ...record, step: 'initiate' });
      this.#touching ??= setInterval(() => {
        void this.#try(async () => this.#file?.touch());
      }, TOUCH_EVERY_MS).unref();
    });
  }

  async note(news: SessionNews): Promise<void> {
    if (this.#record === undefined) return;
    // Kept also if it cannot be written now: the next note tells it too.
    const record = { ...this.#record, ...news };
    this.#record = record;
    await this.#try(() => this.#write(record));
  }

  /** Also where no record can be seen: what another has released by now, the API does not complete. */
  async mayComplete(): Promise<boolean> {
    await this.#try(() => this.#look());
    return !this.#taken;
  }

  async remove(): Promise<void> {
    clearInterval(this.#touching);
    await this.#try(async () => this.#file?.remove());
  }

  async leave(): Promise<boolean> {
    clearInterval(this.#touching);
    if (this.#record === undefined) return false;
    return this.#try(async () => {
      await this.#look();
      // Whoever took it has it in hand.
      if (!this.#taken) await this.#file?.leave();
    });
  }

  async #look(): Promise<void> {
    this.#taken ||= (await this.#file?.isTaken()) ?? false;
  }

  async #write(record: SessionRecord): Promise<void> {
    await this.#look();
    // A second record of it, in this process's name, would outlive the one that was taken.
    if (!this.#taken) await this.#file?.write(record);
    this.#record = record;
  }

  /** False if it could not be done. */
  async #try(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (failure) {
      this.#failed(failure);
      return false;
    }
  }
}

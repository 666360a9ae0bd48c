import { KeptRecord } from '../../transfer/records/kept_record.ts';
import type { RecordLog } from '../../transfer/records/record_log.ts';
import { SessionTakenOver } from '../session_taken_over.ts';
import type { StagedEntry, StagedUpload, StagingAccount } from '../staging_journal.ts';
import { newStagedRecord, StagedFolder, type StagedRecord } from './staged_record.ts';

/** Notes uploads of one account in a folder. */
export class StagingNotes {
  readonly #path: string;
  readonly #folder: StagedFolder;
  readonly #account: StagingAccount;
  readonly #log: RecordLog;
  #warned = false;

  constructor(path: string, account: StagingAccount, log: RecordLog) {
    this.#path = path;
    this.#folder = new StagedFolder(path);
    this.#account = account;
    this.#log = log;
  }

  async begin(upload: StagedUpload): Promise<StagedEntry> {
    const kept = new KeptRecord(this.#folder, (failure) => this.#warnOnce(failure));
    await kept.begin(newStagedRecord(upload, this.#account, Date.now()));
    return new JournaledUpload(kept);
  }

  #warnOnce(failure: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#log.warn(
      { folder: this.#path, failure: String(failure) },
      'uploads to services cannot be noted on disk: if this process is killed, what they staged may stay',
    );
  }
}

class JournaledUpload implements StagedEntry {
  readonly #kept: KeptRecord<StagedRecord>;

  constructor(kept: KeptRecord<StagedRecord>) {
    this.#kept = kept;
  }

  async finishing(): Promise<void> {
    await this.#kept.note({ step: 'finish' });
    // Asked after it is written: whoever takes it from now on reads that it may be done.
    if (await this.#kept.isMine()) return;
    // If it was taken while it was written, there is one in this process's name too.
    await this.#kept.remove();
    throw new SessionTakenOver();
  }

  remove(): Promise<void> {
    return this.#kept.remove();
  }

  async leave(): Promise<void> {
    // To finish it may have been refused, after which it is not done.
    await this.#kept.note({ step: 'send' });
    await this.#kept.leave();
  }
}

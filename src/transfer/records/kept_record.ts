import type { RecordFile, RecordFolder } from './record_folder.ts';
import { TOUCH_EVERY_MS } from './record_owner.ts';

/** A record that this process writes of something that it has in hand. No method throws. */
export class KeptRecord<R extends object> {
  readonly #folder: RecordFolder<R>;
  readonly #failed: (failure: unknown) => void;
  #file: RecordFile<R> | undefined;
  #last: R | undefined;
  #taken = false;
  #touching: NodeJS.Timeout | undefined;

  /** @param failed hears of each failure of the disk */
  constructor(folder: RecordFolder<R>, failed: (failure: unknown) => void) {
    this.#folder = folder;
    this.#failed = failed;
  }

  /** Writes it for the first time, or anew; from then on it is touched, which says that its owner lives. */
  async begin(record: R): Promise<void> {
    await this.#try(async () => {
      this.#file ??= await this.#folder.create();
      await this.#write(record);
      this.#touching ??= setInterval(() => {
        void this.#try(async () => this.#file?.touch());
      }, TOUCH_EVERY_MS).unref();
    });
  }

  /** Adds what became known since; does nothing if there is no record. */
  async note(news: Partial<R>): Promise<void> {
    if (this.#last === undefined) return;
    // Kept also if it cannot be written now: the next note tells it too.
    const record = { ...this.#last, ...news };
    this.#last = record;
    await this.#try(() => this.#write(record));
  }

  /** Whether nobody is seen to have taken it over. */
  async isMine(): Promise<boolean> {
    await this.#try(() => this.#look());
    return !this.#taken;
  }

  async remove(): Promise<void> {
    clearInterval(this.#touching);
    await this.#try(async () => this.#file?.remove());
  }

  /**
   * Leaves it to whoever looks next.
   *
   * @returns false if nobody will, since nothing is noted
   */
  async leave(): Promise<boolean> {
    clearInterval(this.#touching);
    if (this.#last === undefined) return false;
    return this.#try(async () => {
      await this.#look();
      // Whoever took it has it in hand.
      if (!this.#taken) await this.#file?.leave();
    });
  }

  async #look(): Promise<void> {
    this.#taken ||= (await this.#file?.isTaken()) ?? false;
  }

  async #write(record: R): Promise<void> {
    await this.#look();
    // A second record of it, in this process's name, would outlive the one that was taken.
    if (!this.#taken) await this.#file?.write(record);
    this.#last = record;
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

import { Cancelled } from '../transfer/cancelled.ts';
import type { Clock } from '../transfer/clock.ts';
import type { SessionEntry } from './session_journal.ts';
import type { FailurePoint, Reservation } from './upload_failed.ts';
import type { NamedFile } from './upload_request.ts';

const MINUTE_MS = 60_000;
/** A link's user may have begun at its last moment, and is then to finish. */
const AFTER_LINKS_MS = 15 * MINUTE_MS;
/** Between a link and its use there is a person. */
const LEAST_MS = 60 * MINUTE_MS;
/** However long a link lives: quota that nobody uses is given back after a day. */
const MOST_MS = 24 * 60 * MINUTE_MS;
/** After an attempt to finish that came too early. */
const TO_TRY_AGAIN_MS = 15 * MINUTE_MS;

const NOBODY_CAME = 'nobody finished the upload in the time that its links gave';

/** A file that its user sends. */
export interface LinkedFile extends NamedFile {
  readonly bytes: number;
}

/** An upload session whose files its user sends. */
export interface LinkedSession {
  /** Who may finish it. */
  readonly owner: string;
  readonly uploadId: string;
  readonly projectId: string;
  readonly files: readonly LinkedFile[];
  readonly entry: SessionEntry;
  /** Releases its reservation, as the caller who opened it. Never throws. */
  end(point: FailurePoint): Promise<Reservation>;
}

/** Holds a session until it is finished, failed or left, or until its time is over. */
export class OpenLink {
  readonly session: LinkedSession;
  readonly #clock: Clock;
  readonly #forget: () => void;
  #heldUntil = 0;
  #uses = 0;
  /** Stops the wait for the deadline. */
  #waiting = new AbortController();
  #over = false;
  #failed: Promise<Reservation> | undefined;

  /** @param forget called when the session is in this process's hand no more */
  constructor(session: LinkedSession, clock: Clock, forget: () => void) {
    this.session = session;
    this.#clock = clock;
    this.#forget = forget;
  }

  /** When the session is failed, in epoch milliseconds, unless somebody comes before. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  /** Files of it have fresh links. */
  async signed(linksEndAt: number | undefined): Promise<void> {
    const now = this.#clock.now();
    const wanted = Math.max(now + LEAST_MS, (linksEndAt ?? now) + AFTER_LINKS_MS);
    await this.#hold(Math.min(wanted, now + MOST_MS));
  }

  /** An attempt to finish it failed so that another one may succeed. */
  async triedInVain(): Promise<void> {
    await this.#hold(this.#clock.now() + TO_TRY_AGAIN_MS);
  }

  /** While `work` runs the deadline does not strike. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#uses += 1;
    this.#waiting.abort();
    try {
      return await work();
    } finally {
      this.#uses -= 1;
      this.#waitForDeadline();
    }
  }

  async completed(): Promise<void> {
    this.#end();
    await this.session.entry.remove();
  }

  /** Releases its reservation, once. Never throws. */
  fail(point: FailurePoint): Promise<Reservation> {
    this.#end();
    this.#failed ??= this.session.end(point);
    return this.#failed;
  }

  /** Leaves it to its journal; fails it where there is none. */
  async leave(why: Cancelled): Promise<void> {
    this.#end();
    const left = await this.session.entry.leave();
    if (!left) await this.fail({ step: 'transfer', cause: why });
  }

  async #hold(until: number): Promise<void> {
    if (this.#over) return;
    this.#heldUntil = Math.max(this.#heldUntil, until);
    await this.session.entry.note({ step: 'transfer', heldUntil: this.#heldUntil });
    this.#waitForDeadline();
  }

  #end(): void {
    this.#over = true;
    this.#waiting.abort();
    this.#forget();
  }

  #waitForDeadline(): void {
    this.#waiting.abort();
    if (this.#over || this.#uses > 0) return;
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    const ms = Math.max(0, this.#heldUntil - this.#clock.now());
    this.#clock.wait(ms, signal).then(
      () => {
        if (!signal.aborted)
          void this.fail({ step: 'transfer', cause: new Cancelled(NOBODY_CAME) });
      },
      // It was stopped: somebody uses the session, or it is over.
      () => undefined,
    );
  }
}

import type { SessionEntry, SessionJournal } from '../workflows/session_journal.ts';

/** What is to be told of reservations, as each begins and ends. */
export interface ReservationMeter {
  opened(): void;
  /** Completed, released or over. */
  closed(): void;
  /** Not known to be released: it is left to whoever looks next. */
  left(): void;
}

/** A journal that also tells which reservations are open. */
export function meterSessions(journal: SessionJournal, meter: ReservationMeter): SessionJournal {
  return {
    async begin(session) {
      return new MeteredSession(await journal.begin(session), meter);
    },
  };
}

class MeteredSession implements SessionEntry {
  readonly #entry: SessionEntry;
  readonly #meter: ReservationMeter;
  #open = false;

  constructor(entry: SessionEntry, meter: ReservationMeter) {
    this.#entry = entry;
    this.#meter = meter;
  }

  /** From here on there may be a reservation, whether or not its id is ever heard. */
  intend(...args: Parameters<SessionEntry['intend']>): Promise<void> {
    if (!this.#open) this.#meter.opened();
    this.#open = true;
    return this.#entry.intend(...args);
  }

  note(...args: Parameters<SessionEntry['note']>): Promise<void> {
    return this.#entry.note(...args);
  }

  mayComplete(signal: AbortSignal): Promise<boolean> {
    return this.#entry.mayComplete(signal);
  }

  remove(): Promise<void> {
    if (this.#open) this.#meter.closed();
    this.#open = false;
    return this.#entry.remove();
  }

  leave(): Promise<boolean> {
    if (this.#open) this.#meter.left();
    this.#open = false;
    return this.#entry.leave();
  }
}

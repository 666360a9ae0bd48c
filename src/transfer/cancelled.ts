/**
 * Why an act was stopped: the reason to abort a signal with. An `AbortError` by its name, as the
 * platform has it.
 */
export class Cancelled extends Error {
  override readonly name = 'AbortError';
  /** Whether a download leaves what came, so that the same download later goes on from there. */
  readonly keepPartial: boolean;
  /** Whether it did; set by the download that was stopped. */
  partialKept = false;

  /** @param message by whom it was stopped, in words that may be shown and recorded */
  constructor(message: string, { keepPartial = false } = {}) {
    super(message);
    this.keepPartial = keepPartial;
  }
}

import { untilAborted } from './cancellable.ts';
import type { DownloadSource } from './download_source.ts';
import type { Clock } from './engine.ts';
import type { OpenReason } from './retry_policy.ts';
import { signedUrlExpiry } from './signed_url_expiry.ts';
import { parseTransferUrl } from './transfer_url.ts';

/** A URL is renewed when less than this is left of its life: a tenth of it, at most a minute. */
const LONGEST_LEAD_MS = 60_000;
const LEAD_SHARE = 0.1;

interface Opened {
  readonly source: DownloadSource;
  /** Epoch milliseconds by storage's clock; `Infinity` if the URL does not say when it ends. */
  readonly renewAt: number;
}

/** Opens the source of a download once for all its streams, and again when it has run out. */
export class SourceOpener {
  readonly #open: (reason: OpenReason, signal: AbortSignal) => Promise<DownloadSource>;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #opened: Opened | undefined;
  #opening: Promise<Opened> | undefined;
  /** What storage's clock is ahead of ours, in milliseconds. */
  #skewMs = 0;

  /** @param signal ends the whole download, not one stream of it */
  constructor(
    open: (reason: OpenReason, signal: AbortSignal) => Promise<DownloadSource>,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#open = open;
    this.#clock = clock;
    this.#signal = signal;
  }

  /**
   * The source to ask next. Streams that failed on the same one wait for one renewal.
   *
   * @param failed what the caller asked last, if that did not work
   * @throws what `open` threw; or the signal's reason
   */
  async next(failed: DownloadSource | undefined, reason: OpenReason): Promise<DownloadSource> {
    const known = this.#opened;
    const usable = known !== undefined && known.source.kind === 'url' && known.source !== failed;
    if (usable && this.#storageNow() < known.renewAt) return known.source;
    this.#opening ??= this.#renew(usable ? 'expired' : reason).finally(() => {
      this.#opening = undefined;
    });
    return (await untilAborted(this.#opening, this.#signal)).source;
  }

  /** Takes the time from an answer's `Date`: whether a URL has run out is for that clock to say. */
  learnClock(date: string | undefined): void {
    const stated = Date.parse(date ?? '');
    if (!Number.isNaN(stated)) this.#skewMs = stated - this.#clock.now();
  }

  async #renew(reason: OpenReason): Promise<Opened> {
    const source = await this.#open(reason, this.#signal);
    if (this.#signal.aborted && source.kind === 'body') {
      // It came after the cancel, so nobody else would close it.
      source.discard();
    }
    this.#opened = { source, renewAt: this.#renewAt(source) };
    return this.#opened;
  }

  #renewAt(source: DownloadSource): number {
    const end = source.kind === 'url' ? signedUrlExpiry(parseTransferUrl(source.url)) : undefined;
    if (end === undefined) return Number.POSITIVE_INFINITY;
    const life = end - this.#storageNow();
    return end - Math.min(LONGEST_LEAD_MS, life * LEAD_SHARE);
  }

  #storageNow(): number {
    return this.#clock.now() + this.#skewMs;
  }
}

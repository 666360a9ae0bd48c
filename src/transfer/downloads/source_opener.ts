import { untilAborted } from '../cancellable.ts';
import type { TransferEngine } from '../engine.ts';
import type { OpenReason } from '../failures/retry_policy.ts';
import { signedUrlExpiry } from '../urls/signed_url_expiry.ts';
import { parseTransferUrl } from '../urls/transfer_url.ts';
import type { DownloadSource } from './download_source.ts';

/** A URL is renewed when less than this is left of its life: a tenth of it, at most a minute. */
const LONGEST_LEAD_MS = 60_000;
const LEAD_SHARE = 0.1;

interface Opened {
  readonly source: DownloadSource;
  /** Whether it is about to run out, by storage's own clock where that is known. */
  runsOut(): boolean;
}

/** Opens the source of a download once for all its streams, and again when it has run out. */
export class SourceOpener {
  readonly #open: (reason: OpenReason, signal: AbortSignal) => Promise<DownloadSource>;
  readonly #engine: Pick<TransferEngine, 'clock' | 'hosts'>;
  readonly #signal: AbortSignal;
  #opened: Opened | undefined;
  #opening: Promise<Opened> | undefined;

  /** @param signal ends the whole download, not one stream of it */
  constructor(
    open: (reason: OpenReason, signal: AbortSignal) => Promise<DownloadSource>,
    engine: Pick<TransferEngine, 'clock' | 'hosts'>,
    signal: AbortSignal,
  ) {
    this.#open = open;
    this.#engine = engine;
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
    if (usable && !known.runsOut()) return known.source;
    this.#opening ??= this.#renew(usable ? 'expired' : reason).finally(() => {
      this.#opening = undefined;
    });
    return (await untilAborted(this.#opening, this.#signal)).source;
  }

  async #renew(reason: OpenReason): Promise<Opened> {
    const source = await this.#open(reason, this.#signal);
    if (this.#signal.aborted && source.kind === 'body') {
      // It came after the cancel, so nobody else would close it.
      source.discard();
    }
    this.#opened = { source, runsOut: source.kind === 'url' ? this.#end(source.url) : () => false };
    return this.#opened;
  }

  #end(url: string): () => boolean {
    const at = parseTransferUrl(url);
    const end = signedUrlExpiry(at);
    if (end === undefined) return () => false;
    const now = () => this.#engine.hosts.timeAt(at) ?? this.#engine.clock.now();
    const renewAt = end - Math.min(LONGEST_LEAD_MS, (end - now()) * LEAD_SHARE);
    return () => now() >= renewAt;
  }
}

import { interruptible } from '../cancellable.ts';
import type { TransferEngine } from '../engine.ts';
import { connectionProblem } from '../failures/connection_problem.ts';
import type { OpenReason } from '../failures/retry_policy.ts';
import { storageProblem } from '../failures/storage_problem.ts';
import type { TransferError } from '../failures/transfer_error.ts';
import { startOfAnswer } from '../http/body_text.ts';
import type { ByteSink, GetAnswer, GetChannel } from '../http/get_answer.ts';
import { pourChunks } from '../http/pour_chunks.ts';
import { getRedirected } from '../http/redirected_get.ts';
import { parseTransferUrl } from '../urls/transfer_url.ts';
import { Watchdog } from '../watchdog.ts';
import { readDownloadAnswer } from './download_answer.ts';
import type { DownloadSource } from './download_source.ts';
import { onlyThisVersion } from './object_version.ts';
import {
  type AskedRange,
  ObjectReplaced,
  type PartAnswer,
  rangeHeader,
  readRangeAnswer,
  type WholeAnswer,
} from './range_answer.ts';
import type { SourceOpener } from './source_opener.ts';

/** Bytes that have begun to come, and what was said about them. */
export interface OpenedRange {
  readonly answer: PartAnswer | WholeAnswer;
  pour(sink: ByteSink): Promise<'whole' | 'enough'>;
  discard(): void;
}

/** The requests of one stream of a download, one after the other. */
export class RangeRequests {
  readonly #opener: SourceOpener;
  readonly #engine: TransferEngine;
  readonly #channel: GetChannel;
  #last: DownloadSource | undefined;

  constructor(opener: SourceOpener, engine: TransferEngine, channel: GetChannel) {
    this.#opener = opener;
    this.#engine = engine;
    this.#channel = channel;
  }

  /**
   * Asks for a range, of one version once that is known.
   *
   * @param reason other than `first` after a failure: then the URL asked last is not asked again
   * @throws ObjectReplaced; TransferError; what the caller's `open` threw; or the signal's reason
   */
  async open(asked: AskedRange, reason: OpenReason, signal: AbortSignal): Promise<OpenedRange> {
    const failed = reason === 'first' ? undefined : this.#last;
    const source = await this.#opener.next(failed, reason);
    this.#last = source;
    if (source.kind === 'body') return openedBody(source, asked, signal);
    const url = parseTransferUrl(source.url);
    const leave = await this.#engine.limiter.admit(url, signal);
    try {
      return await this.#openAt(url, asked, signal, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  close(): void {
    this.#channel.close();
  }

  /** @param leave gives the place at storage back, once the body is over */
  async #openAt(
    at: URL,
    asked: AskedRange,
    signal: AbortSignal,
    leave: () => void,
  ): Promise<OpenedRange> {
    const { answer, url } = await this.#follow(at, asked, signal);
    try {
      const { status, headers } = answer;
      this.#engine.hosts.answered(url, headers);
      const read = readRangeAnswer(status, headers, asked);
      if (read === undefined) throw await this.#refusal(answer, url);
      return {
        answer: read,
        // What comes with a 416 is words, not the empty object.
        pour: async (sink) => (status === 416 ? 'whole' : answer.pour(sink).finally(() => leave())),
        discard() {
          answer.discard();
          leave();
        },
      };
    } catch (error) {
      answer.discard();
      throw error;
    }
  }

  #follow(
    from: URL,
    asked: AskedRange,
    signal: AbortSignal,
  ): Promise<{ readonly answer: GetAnswer; readonly url: URL }> {
    const headers = {
      'Accept-Encoding': 'identity',
      Range: rangeHeader(asked),
      ...(asked.version && onlyThisVersion(asked.version)),
    };
    return getRedirected(this.#channel, from, headers, signal);
  }

  async #refusal(answer: GetAnswer, url: URL): Promise<TransferError> {
    const { status, headers } = answer;
    const { clock, limits } = this.#engine;
    // A refusal whose words do not come is one without words.
    const watchdog = new Watchdog(clock, limits.downloadStallMs, () => answer.discard());
    const body = await startOfAnswer(answer).finally(() => watchdog.stop());
    return storageProblem({ status, headers, body, url, now: clock.now() });
  }
}

/** An API that answered with the bytes themselves: they come once, and from the first. */
function openedBody(
  source: Extract<DownloadSource, { kind: 'body' }>,
  asked: AskedRange,
  signal: AbortSignal,
): OpenedRange {
  let discarded = false;
  const discard = () => {
    if (!discarded) source.discard();
    discarded = true;
  };
  if (asked.version !== undefined) {
    discard();
    throw new ObjectReplaced('the file comes from elsewhere now');
  }
  return {
    answer: { kind: 'whole', ...readDownloadAnswer(source.headers) },
    async pour(sink) {
      try {
        return await pourChunks(interruptible(source.body, signal), sink);
      } catch (error) {
        throw connectionProblem(error, 0);
      }
    },
    discard,
  };
}

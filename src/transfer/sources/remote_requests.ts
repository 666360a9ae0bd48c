import { linkedAbort } from '../cancellable.ts';
import { isPinned, onlyThisVersion } from '../downloads/object_version.ts';
import { ObjectReplaced, rangeHeader, readRangeAnswer } from '../downloads/range_answer.ts';
import { stalled } from '../failures/connection_problem.ts';
import { remoteProblem, remoteRefusal, remoteWords } from '../failures/remote_problem.ts';
import { TransferError } from '../failures/transfer_error.ts';
import type { ByteSink, GetAnswer } from '../http/get_answer.ts';
import { getRedirected } from '../http/redirected_get.ts';
import { headerBytes, headerText, type ResponseHeaders } from '../http/response_headers.ts';
import { Watchdog } from '../watchdog.ts';
import type { RemoteAccess } from './remote_access.ts';
import {
  assertSameFile,
  type RemoteVersion,
  remoteVersionOf,
  sourceReplaced,
} from './remote_version.ts';
import type { SourceRange } from './upload_source.ts';

/** Bytes of the file that have begun to come. */
export interface RemoteBody {
  pour(sink: ByteSink): Promise<'whole' | 'enough'>;
  /** Leaves what has not come yet; call it also when all has. */
  discard(): void;
}

/** A part of a file cannot be asked for: the upload has to begin anew. */
export class CannotGoOn extends Error {
  override readonly name = 'CannotGoOn';
}

/** The requests for one URL. All throw TransferError, or the signal's reason. */
export class RemoteRequests {
  readonly #url: URL;
  readonly #access: RemoteAccess;

  constructor(url: URL, access: RemoteAccess) {
    this.#url = url;
    this.#access = access;
  }

  /** Asks for the whole file, of whatever version. */
  async open(signal: AbortSignal): Promise<{ version: RemoteVersion; body: RemoteBody }> {
    const { url, answer, body } = await this.#get({}, signal);
    try {
      if (answer.status !== 200) throw this.#refusal(answer, url);
      return { version: remoteVersionOf(answer.headers, sizeOf(answer.headers)), body };
    } catch (error) {
      body.discard();
      throw error;
    }
  }

  /** Asks for the whole file, of that version. */
  async whole(version: RemoteVersion, signal: AbortSignal): Promise<RemoteBody> {
    const again = await this.open(signal);
    try {
      assertSameFile(version, again.version);
      return again.body;
    } catch (error) {
      again.body.discard();
      throw error;
    }
  }

  /** Asks for a part of that version. Throws `CannotGoOn` where it could be one of another version. */
  async part(range: SourceRange, version: RemoteVersion, signal: AbortSignal): Promise<RemoteBody> {
    if (!isPinned(version)) throw new CannotGoOn('it does not state a version to go on with');
    const headers = { Range: rangeHeader(range), ...onlyThisVersion(version) };
    const { url, answer, body } = await this.#get(headers, signal);
    try {
      if (answer.status === 200) throw new CannotGoOn('it sends no parts of the file');
      const read = readRangeAnswer(answer.status, answer.headers, { ...range, version });
      if (read === undefined) throw this.#refusal(answer, url);
      return body;
    } catch (error) {
      body.discard();
      throw error instanceof ObjectReplaced
        ? sourceReplaced(remoteWords(error.message))
        : remoteProblem(error);
    }
  }

  async #get(
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ url: URL; answer: GetAnswer; body: RemoteBody }> {
    const { engine, userAgent } = this.#access;
    const all = { 'Accept-Encoding': 'identity', 'User-Agent': userAgent, ...headers };
    const channel = await engine.openChannel();
    // Given back with the head: a body waits for its place at storage, and must keep none elsewhere.
    const leave = await engine.limiter.admit(this.#url, signal);
    const attempt = linkedAbort(signal);
    const { getAnswerMs } = engine.limits;
    const watchdog = new Watchdog(engine.clock, getAnswerMs, () =>
      attempt.abort(stalled(getAnswerMs, 0)),
    );
    try {
      const { answer, url } = await getRedirected(channel, this.#url, all, attempt.signal);
      return {
        url,
        answer,
        body: {
          pour: (sink) => answer.pour(sink, signal),
          discard() {
            answer.discard();
            channel.close();
          },
        },
      };
    } catch (error) {
      channel.close();
      throw remoteProblem(error);
    } finally {
      watchdog.stop();
      attempt.release();
      leave();
    }
  }

  /** @param url who answered: the one that is asked to be left alone, if any is */
  #refusal({ status, headers }: GetAnswer, url: URL): TransferError {
    return remoteRefusal({ status, headers }, url, this.#access.engine.clock.now());
  }
}

/** Bytes of the whole file. Storage reserves for them before the first one goes out. */
function sizeOf(headers: ResponseHeaders): number {
  const encoding = (headerText(headers, 'content-encoding') ?? '').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity') {
    throw new TransferError({
      code: 'source_encoded',
      message: 'the source sends the file compressed although it was asked for as it is.',
    });
  }
  const bytes = headerBytes(headers, 'content-length');
  if (bytes === undefined || headers['transfer-encoding'] !== undefined) {
    throw new TransferError({
      code: 'source_size_unknown',
      message: 'the source does not state how many bytes the file has (no Content-Length).',
    });
  }
  return bytes;
}

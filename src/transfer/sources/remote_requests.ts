import { isPinned, onlyThisVersion } from '../downloads/object_version.ts';
import { ObjectReplaced, rangeHeader, readRangeAnswer } from '../downloads/range_answer.ts';
import { remoteProblem, remoteRefusal, remoteWords } from '../failures/remote_problem.ts';
import { TransferError } from '../failures/transfer_error.ts';
import type { ByteSink, GetAnswer } from '../http/get_answer.ts';
import { getRedirected } from '../http/redirected_get.ts';
import { headerBytes, headerText, type ResponseHeaders } from '../http/response_headers.ts';
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
    const { answer, body } = await this.#get({}, signal);
    try {
      if (answer.status !== 200) throw this.#refusal(answer);
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
    const { answer, body } = await this.#get(headers, signal);
    try {
      if (answer.status === 200) throw new CannotGoOn('it sends no parts of the file');
      const read = readRangeAnswer(answer.status, answer.headers, { ...range, version });
      if (read === undefined) throw this.#refusal(answer);
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
  ): Promise<{ answer: GetAnswer; body: RemoteBody }> {
    const { engine, userAgent } = this.#access;
    // Given back with the head: a body waits for its place at storage, and must keep none elsewhere.
    const leave = await engine.limiter.admit(this.#url, signal);
    const channel = await engine.openChannel();
    const all = { 'Accept-Encoding': 'identity', 'User-Agent': userAgent, ...headers };
    try {
      const { answer } = await getRedirected(channel, this.#url, all, signal);
      return {
        answer,
        body: {
          pour: (sink) => answer.pour(sink),
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
      leave();
    }
  }

  #refusal({ status, headers }: GetAnswer): TransferError {
    return remoteRefusal({ status, headers }, this.#url, this.#access.engine.clock.now());
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

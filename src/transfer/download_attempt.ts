import { interruptible, linkedAbort, untilAborted } from './cancellable.ts';
import { connectionProblem, stalled } from './connection_problem.ts';
import { createDigests } from './digests.ts';
import { type DownloadAnswer, readDownloadAnswer } from './download_answer.ts';
import { type DownloadSource, type OpenedBody, openSource } from './download_source.ts';
import type { TransferEngine } from './engine.ts';
import type { PartFile } from './part_file.ts';
import type { OpenReason } from './retry_policy.ts';
import { TransferError } from './transfer_error.ts';
import {
  digestsNeeded,
  type ExpectedFile,
  type Verification,
  verifyReceived,
} from './verify_download.ts';
import { Watchdog } from './watchdog.ts';

/** What one attempt needs of the whole request. */
export interface AttemptRequest {
  open(reason: OpenReason, signal: AbortSignal): Promise<DownloadSource>;
  readonly expected?: ExpectedFile;
  readonly signal: AbortSignal;
  readonly sha256?: boolean;
}

/** A file that lies whole and verified in its partial file. */
export interface ReceivedFile extends Verification {
  readonly bytes: number;
  /** Base64, as `x-goog-hash` writes it. */
  readonly crc32c: string;
  /** Lower-case hex, if it was asked for or expected. */
  readonly sha256?: string;
  /** `type/subtype`, as the answer stated it. */
  readonly mediaType?: string;
}

/** One attempt, from a fresh source to verified bytes in the partial file. */
export async function receive(
  request: AttemptRequest,
  reason: OpenReason,
  part: PartFile,
  engine: TransferEngine,
  report: (done: number, total?: number) => void,
): Promise<ReceivedFile> {
  const { signal } = request;
  const source = await freshSource(request, reason);
  const opened = await openSource(source, engine, signal);
  try {
    const answer = readDownloadAnswer(opened.headers);
    const expected = expectedOf(request, answer);
    await prepare(part, answer, expected);
    const needed = digestsNeeded(answer.stated, expected);
    const digests = createDigests({
      ...needed,
      sha256: needed.sha256 || (request.sha256 ?? false),
    });
    await copy(opened, part, engine, signal, (chunk) => {
      digests.update(chunk);
      report(part.bytes, answer.bytes ?? expected.bytes);
    });
    assertComplete(part.bytes, answer);
    const values = digests.values();
    const stated = { ...answer.stated, bytes: answer.bytes };
    const verification = verifyReceived({ bytes: part.bytes, digests: values, stated }, expected);
    return {
      bytes: part.bytes,
      crc32c: values.crc32c,
      ...(values.sha256 !== undefined && { sha256: values.sha256 }),
      ...(answer.mediaType !== undefined && { mediaType: answer.mediaType }),
      ...verification,
    };
  } catch (error) {
    opened.discard();
    throw error;
  }
}

/** A source that comes after the cancel is closed by nobody else. */
async function freshSource(request: AttemptRequest, reason: OpenReason): Promise<DownloadSource> {
  const opening = request.open(reason, request.signal);
  try {
    return await untilAborted(opening, request.signal);
  } catch (error) {
    const discardLate = (source: DownloadSource) => source.kind === 'body' && source.discard();
    opening.then(discardLate, () => {});
    throw error;
  }
}

/** A catalogue may state the size of the stored, packed object: it says nothing about unpacked bytes. */
function expectedOf({ expected = {} }: AttemptRequest, answer: DownloadAnswer): ExpectedFile {
  return answer.transcoded ? { ...expected, bytes: undefined } : expected;
}

async function prepare(
  part: PartFile,
  answer: DownloadAnswer,
  expected: ExpectedFile,
): Promise<void> {
  const bytes = answer.bytes ?? expected.bytes;
  if (bytes !== undefined && expected.bytes !== undefined && bytes !== expected.bytes) {
    throw new TransferError({
      code: 'length_mismatch',
      outcome: 'mismatch',
      message: `storage offers ${bytes} bytes, ${expected.bytes} were expected.`,
    });
  }
  await part.restart();
  if (bytes !== undefined) {
    await part.assertRoomFor(bytes);
  }
}

/** Copies a body into the partial file; the stall watch sleeps while the disk is what is slow. */
async function copy(
  opened: OpenedBody,
  part: PartFile,
  engine: TransferEngine,
  signal: AbortSignal,
  onCopied: (chunk: Uint8Array) => void,
): Promise<void> {
  const { downloadStallMs } = engine.limits;
  const link = linkedAbort(signal);
  const watchdog = new Watchdog(engine.clock, downloadStallMs, () =>
    link.abort(stalled(downloadStallMs, part.bytes)),
  );
  try {
    const named = connectionProblemsNamed(opened.body, () => part.bytes);
    for await (const chunk of interruptible(named, link.signal)) {
      watchdog.suspend();
      await part.write(chunk);
      onCopied(chunk);
      watchdog.resume();
    }
    await part.flush();
  } finally {
    watchdog.stop();
    link.release();
  }
}

/** Around the body alone, so that an error of the reader's own is not taken for the connection's. */
async function* connectionProblemsNamed(
  body: AsyncIterable<Uint8Array>,
  bytes: () => number,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } catch (error) {
    throw connectionProblem(error, bytes());
  }
}

function assertComplete(bytes: number, answer: DownloadAnswer): void {
  if (answer.bytes !== undefined && bytes < answer.bytes) {
    throw new TransferError({
      code: 'connection_lost',
      outcome: 'transient',
      message: `the answer ended after ${bytes} of ${answer.bytes} bytes.`,
      bytesTransferred: bytes,
    });
  }
}

import type { TransferEngine } from '../engine.ts';
import { withRetries } from '../failures/retrying.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { assertRoomFor } from '../files/part_file.ts';
import { DownloadStreams } from './download_streams.ts';
import { fetchInOrder } from './fetch_in_order.ts';
import type { PartialDownload } from './partial_download.ts';
import { PiecePool } from './piece_pool.ts';
import { canBePieced, type PartAnswer, type WholeAnswer } from './range_answer.ts';
import { gapsBetween, RangePlan } from './range_plan.ts';
import { type OpenedRange, RangeRequests } from './range_requests.ts';
import type { SourceOpener } from './source_opener.ts';

export interface FetchContext {
  readonly engine: TransferEngine;
  readonly opener: SourceOpener;
  readonly partial: PartialDownload;
  /** Where the file will be. */
  readonly target: string;
  readonly expectedBytes: number | undefined;
  readonly signal: AbortSignal;
  report(done: number, total: number | undefined): void;
  onAttemptFailed(): void;
}

/**
 * Brings an object's bytes into the partial file: what is missing of it where an earlier download
 * left some, over as many connections as help.
 *
 * @returns the first answer, for what it states about the object
 * @throws ObjectReplaced if pieces of two versions would be mixed
 */
export async function fetchObject(context: FetchContext): Promise<PartAnswer | WholeAnswer> {
  const { engine, partial, signal, expectedBytes } = context;
  const requests = await connect(context);
  const startedAt = engine.clock.now();
  const opened = await openFirst(requests, context);
  const { answer } = opened;
  const roundTripMs = engine.clock.now() - startedAt;
  try {
    assertExpectedSize(answer, expectedBytes);
    if (!canBePieced(answer)) return await fetchInOrder(requests, opened, context);
    const { version } = answer;
    const there = partial.segments.reduce((sum, { start, end }) => sum + end - start, 0);
    // First: the bytes of another version are in the way no more.
    if (partial.version === undefined) await partial.begin(version, version.total);
    await assertRoomFor(version.total - there, context.target);
    const streams = new DownloadStreams({
      engine,
      version,
      partial,
      plan: new RangePlan(version.total, partial.segments, engine.limits.leastRangeBytes),
      pool: new PiecePool(),
      signal,
      roundTripMs,
      connect: () => connect(context),
      report: (received) => context.report(there + received, version.total),
      onAttemptFailed: () => context.onAttemptFailed(),
    });
    await streams.run(requests, opened);
    return answer;
  } catch (error) {
    opened.discard();
    throw error;
  } finally {
    requests.close();
  }
}

async function connect({ engine, opener }: FetchContext): Promise<RangeRequests> {
  return new RangeRequests(opener, engine, await engine.openChannel());
}

/** The answer to the first bytes that are missing; if none are, to the last one, for what it states. */
async function openFirst(requests: RangeRequests, context: FetchContext): Promise<OpenedRange> {
  const { engine, partial, signal } = context;
  const { version } = partial;
  const gap =
    version === undefined
      ? { start: 0, end: undefined }
      : (gapsBetween(partial.segments, version.total)[0] ?? {
          start: version.total - 1,
          end: version.total,
        });
  try {
    return await withRetries(engine, signal, async ({ reason }) => {
      try {
        return await requests.open({ ...gap, version }, reason, signal);
      } catch (error) {
        context.onAttemptFailed();
        throw error;
      }
    });
  } catch (error) {
    requests.close();
    throw error;
  }
}

function assertExpectedSize(answer: PartAnswer | WholeAnswer, expected: number | undefined): void {
  const offered = answer.kind === 'part' ? answer.version.total : answer.bytes;
  // A catalogue may state the size of the stored, packed object: it says nothing about unpacked bytes.
  if (answer.transcoded || offered === undefined || expected === undefined) return;
  if (offered !== expected) {
    throw new TransferError({
      code: 'length_mismatch',
      outcome: 'mismatch',
      message: `storage offers ${offered} bytes, ${expected} were expected.`,
    });
  }
}

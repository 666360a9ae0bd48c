import { type LinkedAbort, linkedAbort } from '../cancellable.ts';
import type { TransferEngine } from '../engine.ts';
import { withRetries } from '../failures/retrying.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { assertRoomFor } from '../files/part_file.ts';
import { LeaseWriter } from './lease_writer.ts';
import type { PartialDownload } from './partial_download.ts';
import { PiecePool } from './piece_pool.ts';
import { pourWatched } from './pour_watched.ts';
import type { PartAnswer, WholeAnswer } from './range_answer.ts';
import { RangePlan } from './range_plan.ts';
import type { OpenedRange, RangeRequests } from './range_requests.ts';

export interface InOrderContext {
  readonly engine: TransferEngine;
  readonly partial: PartialDownload;
  readonly target: string;
  readonly signal: AbortSignal;
  /** The size that is expected where the answer states none. */
  readonly expectedBytes: number | undefined;
  report(done: number, total: number | undefined): void;
  onAttemptFailed(): void;
}

/**
 * Fetches an object that cannot be fetched in pieces: over one connection, from its first byte to its
 * last, and all of it again when that breaks off.
 *
 * @returns the answer that brought it
 */
export async function fetchInOrder(
  requests: RangeRequests,
  opened: OpenedRange,
  context: InOrderContext,
): Promise<PartAnswer | WholeAnswer> {
  let ready: OpenedRange | undefined = opened;
  return withRetries(context.engine, context.signal, async ({ reason }) => {
    const link = linkedAbort(context.signal);
    const asked = { start: 0 };
    try {
      const body = ready ?? (await requests.open(asked, reason, link.signal));
      ready = undefined;
      await fetchOnce(body, context, link);
      return body.answer;
    } catch (error) {
      context.onAttemptFailed();
      throw error;
    } finally {
      link.release();
    }
  });
}

async function fetchOnce(
  body: OpenedRange,
  context: InOrderContext,
  attempt: LinkedAbort,
): Promise<void> {
  const { answer } = body;
  const { partial } = context;
  try {
    assertWhole(answer);
    const bytes = answer.bytes ?? context.expectedBytes;
    // First: what an attempt before this one has brought is in the way no more.
    await partial.begin(undefined, bytes);
    await assertRoomFor(bytes ?? 0, context.target);
    const received = await pourAll(body, context, attempt);
    if (answer.bytes !== undefined && received < answer.bytes) {
      throw endedEarly(received, answer.bytes);
    }
    await partial.part.cutTo(received);
  } catch (error) {
    body.discard();
    throw error;
  }
}

/** @returns the bytes that came */
async function pourAll(
  body: OpenedRange,
  context: InOrderContext,
  attempt: LinkedAbort,
): Promise<number> {
  const { engine, partial } = context;
  const total = body.answer.bytes ?? context.expectedBytes;
  const plan = new RangePlan(body.answer.bytes ?? Number.MAX_SAFE_INTEGER);
  const lease = plan.claim();
  if (lease === undefined) {
    // Of an empty file there is nothing to pour, but a place at storage to give back.
    body.discard();
    return 0;
  }
  const writer = new LeaseWriter(lease, {
    plan,
    partial,
    pool: new PiecePool(),
    onBytes: () => context.report(lease.position, total),
    onFailure: (error) => attempt.abort(error),
  });
  try {
    await pourWatched(body, writer, attempt, engine, () => lease.position);
  } finally {
    await writer.finish();
  }
  return lease.position;
}

/** A part of an object that states no version could only be joined with a part of another one. */
function assertWhole(answer: PartAnswer | WholeAnswer): void {
  if (answer.kind === 'part' && answer.end < answer.version.total) {
    throw new TransferError({
      code: 'storage_refused',
      message: 'storage sends the file in parts and does not say of which version they are.',
      status: 206,
    });
  }
}

function endedEarly(received: number, bytes: number): TransferError {
  return new TransferError({
    code: 'connection_lost',
    outcome: 'transient',
    message: `the answer ended after ${received} of ${bytes} bytes.`,
    bytesTransferred: received,
  });
}

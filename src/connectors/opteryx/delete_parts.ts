import { eachInParallel } from '../../transfer/each_in_parallel.ts';
import { callEndpoint } from '../endpoint.ts';
import type { ServiceClient } from '../http/service_client.ts';
import { ServiceError, type ServiceErrorKind } from '../http/service_error.ts';
import type { Leftover } from '../service_upload_failed.ts';
import { opteryx } from './opteryx_endpoints.ts';

const AT_ONCE = 4;
/** Whoever cancelled waits for it. */
const DEADLINE_MS = 60_000;

/** How the service says that a part, or its whole session, is over already. */
const GONE: ReadonlySet<ServiceErrorKind | undefined> = new Set(['not_found', 'gone']);

/** What became of parts that were to be deleted. */
export interface DeletedParts {
  readonly left: Leftover;
  /** Numbers of parts that were not there. */
  readonly absent: readonly number[];
}

/**
 * Deletes what was sent of a session, and what may have been. There is no call that ends a session, and an
 * empty one runs out by itself. Heeds no signal; never rejects.
 *
 * @param numbers of the parts
 * @param expires when the session ends, in words
 */
export async function deleteParts(
  sessionId: string,
  numbers: Iterable<number>,
  expires: string,
  client: ServiceClient,
): Promise<DeletedParts> {
  const left = new Set(numbers);
  const absent: number[] = [];
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  let reason: string | undefined;
  const remove = async (part: number) => {
    try {
      await callEndpoint(opteryx.deletePart, { session_id: sessionId, part }, client, deadline);
      left.delete(part);
    } catch (failure) {
      const known = failure instanceof ServiceError ? failure : undefined;
      if (known?.kind === 'not_found') absent.push(part);
      if (GONE.has(known?.kind)) left.delete(part);
      else reason ??= known?.detail;
    }
  };
  await eachInParallel([...left], AT_ONCE, deadline, remove).catch(() => undefined);
  if (left.size === 0) return { left: { kind: 'nothing' }, absent };
  const what = left.size === 1 ? '1 part' : `${left.size} parts`;
  return { left: { kind: 'staged', what, expires, reason: reason ?? 'it took too long' }, absent };
}

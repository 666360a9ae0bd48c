import type { z } from 'zod';
import { eachInParallel } from '../../transfer/each_in_parallel.ts';
import { callEndpoint, type Endpoint } from '../endpoint.ts';
import { endSaid } from '../geolens/complete_upload.ts';
import { geolens } from '../geolens/geolens_endpoints.ts';
import type { ServiceClient } from '../http/service_client.ts';
import { ServiceError, type ServiceErrorKind } from '../http/service_error.ts';
import { contracts } from '../opteryx/contracts/contract_endpoints.ts';
import { opteryx } from '../opteryx/opteryx_endpoints.ts';
import type { StagingFlow } from '../staging_journal.ts';
import type { StagedOutcome } from './staged_outcome.ts';
import type { StagedRecord } from './staged_record.ts';

/** Nobody waits for it. */
const PARTS_AT_ONCE = 4;

/** One request of a clean-up; throws `ServiceError`. */
type Ask = <Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
  endpoint: Endpoint<Input, Output>,
  input: z.output<Input>,
) => Promise<z.output<Output>>;

/** How the service says that an upload is over. */
const OVER: ReadonlySet<ServiceErrorKind> = new Set(['not_found', 'gone', 'conflict']);

/** What is no upload any more, or not the one that was declared. */
const REFUSED: ReadonlySet<ServiceErrorKind> = new Set(['invalid_input', 'too_large']);

const GONE: ReadonlySet<ServiceErrorKind> = new Set(['not_found', 'gone']);

const PASSING: ReadonlySet<ServiceErrorKind> = new Set([
  'rate_limited',
  'unavailable',
  'unreachable',
]);

const STILL_THERE: StagedOutcome = {
  state: 'held',
  reason: 'parts are staged although they were deleted',
  again: true,
};

const CLEAN_UP: Readonly<Record<StagingFlow, (id: string, ask: Ask) => Promise<StagedOutcome>>> = {
  async opteryx_session(session_id, ask) {
    const { parts } = await ask(opteryx.inspectSession, { session_id });
    if (parts.length === 0) return { state: 'over' };
    await eachInParallel(parts, PARTS_AT_ONCE, new AbortController().signal, ({ id }) =>
      ask(opteryx.deletePart, { session_id, part: id }).catch(unlessGone),
    );
    const { parts: left } = await ask(opteryx.inspectSession, { session_id });
    return left.length === 0 ? { state: 'removed' } : STILL_THERE;
  },

  async opteryx_contract(contract_id, ask) {
    await ask(contracts.abandon, { contract_id });
    return { state: 'removed' };
  },

  /** An upload in parts is aborted by this, which the service refuses in so many words. */
  async geolens_job(job_id, ask) {
    try {
      await ask(geolens.completePresigned, { job_id, parts: [] });
      // It had all its bytes: the job ends by itself, and nothing can end it earlier.
      return { state: 'over' };
    } catch (failure) {
      if (endSaid(failure) !== undefined) return { state: 'over' };
      if (isOf(REFUSED, failure)) return { state: 'removed' };
      throw failure;
    }
  },
};

/**
 * Removes at its service what an upload left there whose process is gone. Each request is tried once: there
 * is a next round. One that was begun is finished whatever happens. Throws only for a fault of ours.
 *
 * @param sameAccount whether the record is of the account in use: another one's "not found" says nothing
 */
export async function cleanUpStaged(
  { flow, id }: StagedRecord,
  client: ServiceClient,
  sameAccount: boolean,
): Promise<StagedOutcome> {
  const { signal } = new AbortController();
  const ask: Ask = (endpoint, input) => {
    // An id from disk is held against the same rule as one from a caller, as it becomes part of a path.
    const checked = endpoint.input().parse(input);
    return callEndpoint({ ...endpoint, tries: 1 }, checked, client, signal);
  };
  try {
    return await CLEAN_UP[flow](id, ask);
  } catch (failure) {
    if (!(failure instanceof ServiceError)) throw failure;
    const { kind, detail: reason } = failure;
    if (OVER.has(kind) && (sameAccount || kind !== 'not_found')) return { state: 'over' };
    return { state: 'held', reason, again: PASSING.has(kind) };
  }
}

function unlessGone(failure: unknown): undefined {
  if (isOf(GONE, failure)) return undefined;
  throw failure;
}

function isOf(kinds: ReadonlySet<ServiceErrorKind>, failure: unknown): boolean {
  return failure instanceof ServiceError && kinds.has(failure.kind);
}

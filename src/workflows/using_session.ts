import { GeoperaError, type GeoperaErrorKind } from '../geopera/geopera_error.ts';
import type { WorkflowContext } from './context.ts';
import type { LinkInUse } from './link_in_use.ts';
import type { LinkName } from './link_records.ts';
import { ALREADY_OVER, releaseReservation } from './reservation.ts';
import {
  type FailurePoint,
  type Reservation,
  UploadFailed,
  type UploadStep,
} from './upload_failed.ts';
import { UploadStillOpen } from './upload_still_open.ts';

/** What is done to an open session. */
interface Use {
  readonly name: LinkName;
  readonly step: UploadStep;
}

/**
 * Works on an open session. A failure is told with what it means for the session.
 *
 * @throws UploadStillOpen; UploadFailed, with the reservation released
 */
export async function usingSession<T>(
  { name, step }: Use,
  context: WorkflowContext,
  work: (link: LinkInUse) => Promise<T>,
): Promise<T> {
  const { uploadId } = name;
  const link =
    context.links.find(name) ??
    context.links.elsewhere(name, (point) => releaseReservation(uploadId, point, context));
  return link.during(async () => {
    try {
      return await work(link);
    } catch (cause) {
      const point = { step, cause };
      if (!ends(cause)) {
        await link.triedInVain();
        throw new UploadStillOpen(uploadId, point, link);
      }
      throw new UploadFailed(uploadId, point, isOver(point) ? OVER : await link.fail(point));
    }
  });
}

/**
 * Whether a session is over, or can never be completed, once the API has answered so. The others say
 * that the files are not there yet, that this token may not, or that nothing is known.
 */
const ENDS: Readonly<Record<GeoperaErrorKind, boolean>> = {
  not_found: true,
  conflict: true,
  gone: true,
  payment_required: true,
  rejected: true,
  invalid_input: false,
  no_token: false,
  unauthenticated: false,
  missing_scope: false,
  forbidden: false,
  rate_limited: false,
  unavailable: false,
  unreachable: false,
  not_the_api: false,
  unexpected_answer: false,
};

function ends(cause: unknown): boolean {
  return cause instanceof GeoperaError && ENDS[cause.kind];
}

const OVER: Reservation = { state: 'over' };

/**
 * Whether nothing is to be released, since no links are signed for a session that is completed or failed.
 * One that is just being completed answers the same, and must not be failed beside that.
 */
function isOver({ step, cause }: FailurePoint): boolean {
  return step === 'sign' && cause instanceof GeoperaError && ALREADY_OVER.has(cause.kind);
}

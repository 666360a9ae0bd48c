import { TransferError } from '../../transfer/failures/transfer_error.ts';
import type { ConnectorFailure } from '../connector.ts';
import { callEndpoint } from '../endpoint.ts';
import type { ServiceClient } from '../http/service_client.ts';
import { isFateUnknown, ServiceError } from '../http/service_error.ts';
import { type Leftover, ServiceUploadFailed, UNHEARD } from '../service_upload_failed.ts';
import { endSaid } from './complete_upload.ts';
import { geolens } from './geolens_endpoints.ts';
import { ImportFailed } from './geolens_errors.ts';
import {
  type ImportSession,
  type ImportStage,
  type ImportWay,
  type ImportWorld,
  wayOf,
} from './import_session.ts';

/** A job that was never completed ends after an hour, unless the operator set another time. */
const UNCOMPLETED = 'within an hour';
/** One that was never committed, and what storage clears away by itself. */
const UNCOMMITTED = 'within a day';

const NOTHING: Leftover = { kind: 'nothing' };
const PERHAPS_DONE: Leftover = { kind: 'perhaps_done' };
const PARTS = 'What arrived of the parts';
const FILE = 'What arrived of the file';
const UNSURE = 'whether it was completed is unknown';

const staged = (what: string, expires: string, reason?: string): Leftover => ({
  kind: 'staged',
  what,
  expires,
  ...(reason !== undefined && { reason }),
});

const UPLOADED: Leftover = {
  kind: 'staged',
  what: 'The uploaded file',
  expires: UNCOMMITTED,
  isWhole: true,
};

/** What a failure meets: how far it was, and what may be asked of the service. */
interface Abandoned {
  readonly session: ImportSession;
  readonly cause: unknown;
  readonly world: Pick<ImportWorld, 'client' | 'source'>;
}

type Abandon = (abandoned: Abandoned) => Promise<Leftover>;

const SENT: Readonly<Record<ImportWay, Abandon>> = {
  form: async (it) =>
    arrivedWhole(it) && isFateUnknown(it.cause)
      ? staged('What may have arrived of the file', UNCOMMITTED)
      : NOTHING,
  single_put: async (it) =>
    arrivedWhole(it) && !isRefused(it.cause)
      ? staged('What may have arrived of the file', UNCOMPLETED)
      : NOTHING,
  parts: ({ session, world }) => abortParts(session, world.client),
};

/** By how far the service has come. */
const ABANDON: Readonly<Record<ImportStage, Abandon>> = {
  sending: (it) => SENT[wayOf(it.session)](it),
  async completing(it) {
    // The service may be at it: whether there is something to abort shows later, and is noted.
    if (isFateUnknown(it.cause)) return staged(FILE, UNCOMMITTED, UNSURE);
    // It says by these that it looked at the bytes, and it removes what it refuses.
    if (it.cause instanceof ServiceError && [413, 422].includes(it.cause.status ?? 0)) {
      return NOTHING;
    }
    if (wayOf(it.session) === 'parts') return abortParts(it.session, it.world.client);
    return staged(FILE, UNCOMPLETED);
  },
  uploaded: async () => UPLOADED,
  committing: async ({ cause }) => (isFateUnknown(cause) ? PERHAPS_DONE : UPLOADED),
};

/** As `Connector.abandon`. Only parts can be removed; of all else it can be told when it goes. */
export async function abandonImport(
  session: ImportSession,
  { step, cause }: ConnectorFailure,
  world: ImportWorld,
): Promise<Error> {
  const left = cause instanceof ImportFailed ? NOTHING : await leftOf({ session, cause, world });
  if (left.kind === 'staged' && left.reason !== undefined) await session.entry?.leave();
  else await session.entry?.remove();
  // It tells all of itself, and what the service may have kept.
  if (cause instanceof ImportFailed) return cause;
  const { jobId } = session;
  if (jobId === undefined && left.kind === 'nothing' && cause instanceof Error) return cause;
  return new ServiceUploadFailed({
    service: 'geolens',
    id: jobId ?? UNHEARD,
    idOf: 'job',
    step,
    left,
    target: world.fileName,
    cause,
  });
}

function leftOf(abandoned: Abandoned): Promise<Leftover> {
  return ABANDON[abandoned.session.stage](abandoned);
}

function arrivedWhole({ session, world }: Abandoned): boolean {
  return session.mostSent >= world.source.size;
}

/** Storage answered that it did not take it. */
function isRefused(cause: unknown): boolean {
  return cause instanceof TransferError && cause.status !== undefined && cause.status >= 300;
}

/** To complete an upload without naming a part aborts it, which is answered 400. Heeds no signal. */
async function abortParts({ jobId }: ImportSession, client: ServiceClient): Promise<Leftover> {
  const left = (reason: string) => staged(PARTS, UNCOMMITTED, reason);
  if (jobId === undefined) return NOTHING;
  const input = { job_id: jobId, parts: [] };
  const { signal } = new AbortController();
  try {
    await callEndpoint({ ...geolens.completePresigned, answerSeconds: 30 }, input, client, signal);
    return UPLOADED;
  } catch (failure) {
    if (!(failure instanceof ServiceError)) return left('the abort failed');
    return failure.status === 400 ? leftByRefusal(failure) : left(failure.detail);
  }
}

/** Unless the job had an end before, it is refused because it was aborted. */
function leftByRefusal(refusal: ServiceError): Leftover {
  const end = endSaid(refusal);
  if (end === 'completed') return UPLOADED;
  return end === 'failed' ? staged(PARTS, UNCOMMITTED) : NOTHING;
}

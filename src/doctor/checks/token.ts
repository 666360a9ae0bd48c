import { z } from 'zod';
import { GeoperaError } from '../../geopera/geopera_error.ts';
import { plainId } from '../../geopera/plain_text.ts';
import { tokenExpiry } from '../../principals/token_expiry.ts';
import { inTime } from '../../tools/duration_words.ts';
import { type Found, fault, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';
import { answered } from './answered.ts';

const WHERE = 'Make an API key in Geopera, and set it as GEOPERA_API_TOKEN.';

const whoever = z.object({
  geopera_org_id: z.string().optional().catch(undefined),
  geopera_principal_type: z.string().optional().catch(undefined),
});

/** Statuses by which userinfo says that it is the token. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 401, 403]);

/** Whether Geopera accepts the token, and for whom. The token itself is never told. */
export async function checkToken(patient: Patient, signal: AbortSignal): Promise<Found[]> {
  const { token } = patient;
  if (token === undefined) {
    const found = 'none is set; all calls will fail, but over HTTP, where callers bring their own';
    return [fault(found, WHERE)];
  }
  const answer = await answered(patient, signal);
  const left = secondsLeft(token, patient.now() + (answer?.clockAheadMs ?? 0));
  if (left !== undefined && left <= 0) {
    return [
      fault(`it expired ${inTime(-left)} ago`, `Sign in anew. To have one that lasts: ${WHERE}`),
    ];
  }
  if (answer === undefined) return [];
  try {
    return [acceptedFor(await patient.userinfo(signal), left)];
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GeoperaError)) throw error;
    return [refusal(error)];
  }
}

/** By the API's own clock where that is known: the one of this machine may be wrong. */
function secondsLeft(token: string, now: number): number | undefined {
  const expiry = tokenExpiry(token);
  return expiry === undefined ? undefined : (expiry - now) / 1000;
}

/** @param left seconds that it lives; undefined if it has no end of its own */
function acceptedFor(answer: unknown, left: number | undefined): Found {
  const { geopera_org_id: organization, geopera_principal_type: kind } = whoever
    .catch({})
    .parse(answer);
  const what = kind === undefined ? '' : ` as ${plainId(kind).replaceAll('_', ' ')}`;
  const whose = organization === undefined ? '' : `, for organization ${plainId(organization)}`;
  const found = `accepted${what}${whose}`;
  const facts = { organization_id: organization };
  if (left === undefined) return ok(found, { facts });
  const advice = `A server outlasts a session token. To have one that lasts: ${WHERE}`;
  return warning(`${found}, but only for ${inTime(left)} more`, advice, { facts });
}

function refusal({ kind, status, detail }: GeoperaError): Found {
  if (kind === 'not_the_api') {
    const advice = 'Look whether --api-url (GEOPERA_API_URL) is the address of the API itself.';
    return fault(`Geopera could not be asked about it: ${detail}`, advice);
  }
  if (REFUSALS.has(status)) {
    return fault(
      `Geopera does not accept it (${status})`,
      `It may have been revoked, cut short when it was copied, or be of another address. ${WHERE}`,
      { facts: { status } },
    );
  }
  return warning(
    `could not be checked: ${detail}`,
    'Try again later; calls may work all the same.',
  );
}

import { untilAborted } from '../transfer/cancellable.ts';
import { checkAddress } from './checks/address.ts';
import { checkClock } from './checks/clock.ts';
import { checkFolders } from './checks/folders.ts';
import { checkOperations } from './checks/operations.ts';
import { checkScopes } from './checks/scopes.ts';
import { checkServices } from './checks/services.ts';
import { checkStateFolder } from './checks/state_folder.ts';
import { checkToken } from './checks/token.ts';
import { checkTransfers } from './checks/transfers.ts';
import { type Finding, type Found, fault } from './finding.ts';
import { askedOnce, type Patient } from './patient.ts';

/** Longer than the requests of any check may take. */
const CHECK_MS = 45_000;

/** Looks at one thing. What cannot be judged, since another check has found why, is left out. */
type Check = (patient: Patient, signal: AbortSignal) => Promise<readonly Found[]>;

/** In the order in which they are told. */
const CHECKS: Readonly<Record<string, Check>> = {
  address: checkAddress,
  clock: checkClock,
  operations: checkOperations,
  token: checkToken,
  scopes: checkScopes,
  folders: checkFolders,
  'state folder': checkStateFolder,
  transfers: checkTransfers,
  services: checkServices,
};

/** Looks at everything, also if something cannot be looked at. Throws the signal's reason alone. */
export async function checkUp(patient: Patient, signal: AbortSignal): Promise<readonly Finding[]> {
  const asked = askedOnce(patient);
  const findings: Finding[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    const found = await look(check, asked, signal);
    findings.push(...found.map((it) => ({ check: name, ...it })));
  }
  return findings;
}

async function look(
  check: Check,
  patient: Patient,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(CHECK_MS)]);
  try {
    return await untilAborted(check(patient, limited), limited);
  } catch (error) {
    signal.throwIfAborted();
    const why = limited.aborted ? `no end of it after ${CHECK_MS / 1000} s` : String(error);
    return [fault(`could not be looked at: ${why}`, 'Try again; if it stays so, report it.')];
  }
}

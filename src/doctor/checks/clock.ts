import { inTime } from '../../tools/duration_words.ts';
import { type Found, fault, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';
import { answered } from './answered.ts';

/** Tokens live for minutes and signed URLs for little longer. */
const MOST_OFF_MS = 60_000;

/** Whether this machine and the API agree about the time. */
export async function checkClock(patient: Patient, signal: AbortSignal): Promise<Found[]> {
  const answer = await answered(patient, signal);
  if (answer === undefined) return [];
  const { clockAheadMs: ahead } = answer;
  if (ahead === undefined) {
    const advice = 'Look yourself whether the clock of this machine is right.';
    return [warning('the API did not tell its time', advice)];
  }
  const facts = { behind_seconds: Math.round(ahead / 1000) };
  if (Math.abs(ahead) <= MOST_OFF_MS) return [ok("right, by the API's own", { facts })];
  const off = `${inTime(Math.abs(ahead) / 1000)} ${ahead > 0 ? 'behind' : 'ahead of'}`;
  return [
    fault(
      `the clock of this machine is ${off} the API's`,
      'Set it by a time server: by a wrong clock, tokens and signed URLs look valid that are over, and the other way round.',
      { facts },
    ),
  ];
}

import { type Found, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';

/** Transfers that nobody goes on with: a reservation, or part of a file, that stays until it is cleaned up. */
const LEFT: ReadonlySet<string> = new Set(['left_behind', 'unreadable']);

/** What the state folder still holds. */
export async function checkTransfers(patient: Patient, signal: AbortSignal): Promise<Found[]> {
  const noted = await patient.transfers(signal);
  const left = noted.filter(({ state }) => LEFT.has(state));
  const of = (kind: string) => left.filter((it) => it.kind === kind).length;
  const facts = {
    running: noted.length - left.length,
    left_uploads: of('upload'),
    left_downloads: of('download'),
  };
  if (left.length === 0) {
    const running = noted.length === 0 ? '' : `; ${noted.length} under way or awaited`;
    return [ok(`nothing was left behind${running}`, { facts })];
  }
  return [
    warning(
      `left behind: ${counted(of('upload'), 'upload session')}, ${counted(of('download'), 'partial download')}`,
      'See them with: geopera-mcp transfers. Release and remove them with: geopera-mcp transfers clean.',
      { facts },
    ),
  ];
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

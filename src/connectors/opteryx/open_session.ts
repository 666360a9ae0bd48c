import type { Clock } from '../../transfer/clock.ts';
import type { ServiceClient } from '../http/service_client.ts';
import { isFateUnknown } from '../http/service_error.ts';
import type { Leftover } from '../service_upload_failed.ts';
import type { StagedEntry } from '../staging_journal.ts';
import type { Compared } from './all_staged.ts';
import { deleteParts } from './delete_parts.ts';
import type { SessionLife } from './session_life.ts';

/** A session of ours at the service, with what became of its parts. */
export interface OpenSession {
  readonly id: string;
  readonly entry: StagedEntry;
  readonly life: SessionLife;
  /** Numbers of the parts that were sent, or may have been. */
  readonly begun: Set<number>;
  /** Of these, the ones of which the service has not said what became of them. */
  readonly unanswered: Set<number>;
  compared: Compared;
}

/** Sends a part, and notes whether the service said what became of it. */
export async function answered<Sent>(
  { begun, unanswered }: OpenSession,
  part: number,
  send: () => Promise<Sent>,
): Promise<Sent> {
  begun.add(part);
  unanswered.add(part);
  try {
    const sent = await send();
    unanswered.delete(part);
    return sent;
  } catch (failure) {
    if (!isFateUnknown(failure)) unanswered.delete(part);
    throw failure;
  }
}

/** What may be committed is not touched, by whoever looks later either. */
export async function leftAsItIs({ entry }: OpenSession): Promise<Leftover> {
  await entry.remove();
  return { kind: 'perhaps_done' };
}

/** A service stores within this what it had all of when its connection was closed. */
const LATE_PARTS_MS = [500, 1_500];

/**
 * Deletes the parts. One that was not there may still come, if it was not answered: it is looked for again
 * here, and by somebody else later.
 */
export async function emptied(
  { id, entry, life, begun, unanswered }: OpenSession,
  client: ServiceClient,
  clock: Clock,
): Promise<Leftover> {
  const { signal } = new AbortController();
  let { left, absent } = await deleteParts(id, begun, life.expires, client);
  let mayCome: readonly number[] = absent.filter((part) => unanswered.has(part));
  for (const ms of LATE_PARTS_MS) {
    if (left.kind === 'staged' || mayCome.length === 0) break;
    await clock.wait(ms, signal);
    ({ left, absent } = await deleteParts(id, mayCome, life.expires, client));
    mayCome = absent;
  }
  await (left.kind === 'staged' || mayCome.length > 0 ? entry.leave() : entry.remove());
  return left;
}

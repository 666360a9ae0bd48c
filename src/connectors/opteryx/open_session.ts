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

/** Deletes the parts. One that was not there may still come, if it was not answered: then somebody looks again. */
export async function emptied(
  { id, entry, life, begun, unanswered }: OpenSession,
  client: ServiceClient,
): Promise<Leftover> {
  const { left, absent } = await deleteParts(id, begun, life.expires, client);
  const mayCome = absent.some((part) => unanswered.has(part));
  await (left.kind === 'staged' || mayCome ? entry.leave() : entry.remove());
  return left;
}

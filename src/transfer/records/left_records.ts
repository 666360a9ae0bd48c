import { isRecord } from './record_codec.ts';
import type { FoundRecord, RecordFile, RecordFolder } from './record_folder.ts';
import type { RecordLog } from './record_log.ts';

/** What is done about the records that processes left which are gone. */
export interface LeftRecordWork<R extends object, Outcome> {
  readonly folder: RecordFolder<R>;
  /** Whether it is for this process to settle; asked again once it has the record in hand. */
  wants(record: R): boolean | Promise<boolean>;
  /** @param note writes what became known, should this process end before it is settled */
  settle(record: R, note: (record: R) => Promise<void>): Promise<Outcome>;
  /** Whether the record is to be kept for another look. */
  isOpen(outcome: Outcome): boolean;
  /** What is said of a record that cannot be taken in hand. */
  stuck(record: R, failure: unknown): Outcome;
  /** What the records are of, in words. */
  readonly what: string;
  readonly log: RecordLog;
  /** Ends the sweep before the next record; the one at hand is finished. */
  readonly signal: AbortSignal;
}

/** A record that a sweep took in hand, and what became of it. */
export interface SettledRecord<R extends object, Outcome> {
  readonly record: R;
  readonly outcome: Outcome;
}

/** What a sweep found to do. */
export interface RecordSweep<R extends object, Outcome> {
  readonly recovered: readonly SettledRecord<R, Outcome>[];
  /** Where records lie that cannot be read. */
  readonly setAside: readonly string[];
}

/**
 * Settles the records in a folder whose process is gone: each is taken over by a rename, so that of
 * several processes one alone acts. Those of running processes stay.
 */
export async function settleLeftRecords<R extends object, Outcome>(
  work: LeftRecordWork<R, Outcome>,
): Promise<RecordSweep<R, Outcome>> {
  const { folder, signal } = work;
  const recovered: SettledRecord<R, Outcome>[] = [];
  const setAside: string[] = [];
  await folder.dropUnfinished();
  for (const found of await folder.list()) {
    if (signal.aborted) break;
    if (found.life !== 'gone') continue;
    try {
      if (found.record === 'damaged') setAside.push(...(await putAside(found, work)));
      else if (isRecord(found.record) && (await work.wants(found.record))) {
        recovered.push(...(await recover(found, work)));
      }
    } catch (failure) {
      // A record that cannot be moved must not keep the others from being settled.
      recovered.push(...heldBack(found, failure, work));
    }
  }
  return { recovered, setAside };
}

function heldBack<R extends object, Outcome>(
  { path, record }: FoundRecord<R>,
  failure: unknown,
  { stuck, what, log }: LeftRecordWork<R, Outcome>,
): SettledRecord<R, Outcome>[] {
  log.warn(
    { path, failure: String(failure) },
    `the record of a left ${what} cannot be taken in hand`,
  );
  return isRecord(record) ? [{ record, outcome: stuck(record, failure) }] : [];
}

async function putAside<R extends object, Outcome>(
  found: FoundRecord<R>,
  { folder, what, log }: LeftRecordWork<R, Outcome>,
): Promise<string[]> {
  const file = await folder.claim(found);
  if (file === undefined) return [];
  const path = await file.setAside();
  log.warn({ path }, `a record of an ${what} cannot be read: it was set aside`);
  return [path];
}

async function recover<R extends object, Outcome>(
  found: FoundRecord<R>,
  work: LeftRecordWork<R, Outcome>,
): Promise<SettledRecord<R, Outcome>[]> {
  const file = await work.folder.claim(found);
  if (file === undefined) return [];
  // Read again: it may have been written between the look and the claim.
  const record = await file.read();
  if (!isRecord(record) || !(await work.wants(record))) {
    await file.leave();
    return [];
  }
  return [{ record, outcome: await settle(file, record, work) }];
}

/** Whatever happens, the record is gone or left for the next look. */
async function settle<R extends object, Outcome>(
  file: RecordFile<R>,
  record: R,
  { settle, isOpen }: LeftRecordWork<R, Outcome>,
): Promise<Outcome> {
  let isLeft = true;
  try {
    const outcome = await settle(record, (known) => file.write(known));
    isLeft = isOpen(outcome);
    return outcome;
  } finally {
    if (isLeft) await file.leave();
    else await file.remove();
  }
}

import type { StagedOutcome } from '../connectors/staging/staged_outcome.ts';
import type { StagedRecord } from '../connectors/staging/staged_record.ts';

/** One transfer as it is told to users and programs. */
export interface TransferEntry {
  /** Same for the same transfer from one look to the next. */
  readonly id: string;
  readonly kind: 'upload' | 'download';
  /**
   * `elsewhere`: by a process of another host. `awaited`: by nobody, but its files may still come by
   * upload links. `unreadable`: what its record says is not known.
   */
  readonly state: 'running' | 'elsewhere' | 'awaited' | 'left_behind' | 'unreadable';
  readonly pid?: number;
  /** Names of the files that are uploaded, the path that is written, or that of the record; none where it names none. */
  readonly files: readonly string[];
  /** Of an upload to another service than Geopera. */
  readonly service?: StagedRecord['service'];
  readonly flow?: StagedRecord['flow'];
  /** Of the session, the contract or the job. */
  readonly upload_id?: string;
  readonly project_id?: string;
  /** Address of the API, or the folder of a sandbox. */
  readonly api?: string;
  readonly bytes?: number;
  readonly bytes_done?: number;
  readonly started_at?: string;
  /** When the service removes it by itself. */
  readonly expires_at?: string;
  /** File that notes an upload. */
  readonly record?: string;
}

/** What `clean` did with one transfer; `reason` says why it is not clean. */
export interface CleanedTransfer extends TransferEntry {
  /** Of an upload that is not open any more. */
  readonly outcome?: 'released' | 'unfindable' | Exclude<StagedOutcome['state'], 'held'>;
  readonly reason?: string;
}

/** Why a transfer is not cleaned that was left behind a moment ago. */
export const TAKEN = 'a running server has it in hand';

/** A record of which no more is known than where it lies. */
export function unreadableEntry(path: string, state: TransferEntry['state']): TransferEntry {
  return { id: path, kind: 'upload', state, files: [path], record: path };
}

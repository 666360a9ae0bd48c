import { type FoundRecord, RecordFolder } from '../transfer/records/record_folder.ts';
import { type SessionRecord, sessionRecords } from './session_record.ts';

export type FoundSession = FoundRecord<SessionRecord>;

/** The records of Geopera's upload sessions. */
export class SessionFolder extends RecordFolder<SessionRecord> {
  constructor(path: string) {
    super(path, sessionRecords);
  }
}

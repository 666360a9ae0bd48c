import type { RecordLog } from '../../transfer/records/record_log.ts';
import type { ServiceAccess } from '../http/service_request.ts';
import type { StagingJournal } from '../staging_journal.ts';
import { stagingAccount } from './staged_record.ts';

export interface StagingPlace {
  /** Of the records of all services; made with the first one. */
  readonly folder: string;
  readonly log: RecordLog;
}

/**
 * Notes the uploads of an account at a service. What writes is loaded with the first upload.
 *
 * @param account tells it from others of that service, and is not written as it is
 */
export function lateStagingJournal(
  { folder, log }: StagingPlace,
  access: Pick<ServiceAccess, 'service' | 'baseUrl'>,
  account: string,
): StagingJournal {
  const whose = stagingAccount(access, account);
  let notes: Promise<Pick<StagingJournal, 'begin'>> | undefined;
  async function load() {
    const { StagingNotes } = await import('./journaled_staging.ts');
    return new StagingNotes(folder, whose, log);
  }
  return {
    account: whose,
    async begin(upload) {
      notes ??= load();
      return (await notes).begin(upload);
    },
  };
}

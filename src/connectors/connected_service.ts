import type { Dispatcher } from 'undici';
import type { ServiceAccess } from './http/service_request.ts';
import type { StagingJournal } from './staging_journal.ts';

/** What this process has for whichever services are configured. */
export interface ServiceWiring {
  dispatcher(): Promise<Dispatcher>;
  /** Where the uploads of an account at a service are noted. */
  journal(access: Pick<ServiceAccess, 'service' | 'baseUrl'>, account: string): StagingJournal;
  /** Epoch milliseconds. */
  now(): number;
}

/** A service that is configured; one for a process. */
export interface ConnectedService {
  readonly access: ServiceAccess;
  readonly journal: StagingJournal;
}

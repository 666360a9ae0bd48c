import type { TransferEngine } from '../../transfer/engine.ts';
import { type RecordSweep, settleLeftRecords } from '../../transfer/records/left_records.ts';
import type { RecordLog } from '../../transfer/records/record_log.ts';
import type { ConnectedService } from '../connected_service.ts';
import { createServiceClient } from '../http/service_client.ts';
import { cleanUpStaged } from './staged_clean_up.ts';
import type { StagedOutcome } from './staged_outcome.ts';
import { isExpired, StagedFolder, type StagedRecord } from './staged_record.ts';

export interface StagedRecoveryOptions {
  readonly folder: string;
  readonly services: readonly ConnectedService[];
  readonly engine: TransferEngine;
  /** Uploads that are not to be tried. */
  skips?(record: StagedRecord): boolean;
  readonly log: RecordLog;
  /** Ends the sweep before the next upload; the one at hand is finished. */
  readonly signal: AbortSignal;
}

export type StagedSweep = RecordSweep<StagedRecord, StagedOutcome>;

/**
 * Cleans up uploads to services whose process is gone. Those of a service or an account that is not
 * configured stay until their time there is over.
 *
 * @param accounts whether uploads of another account at the same address are tried too
 */
export function cleanLeftStaged(
  options: StagedRecoveryOptions,
  accounts: 'same' | 'any' = 'same',
): Promise<StagedSweep> {
  const { engine, services, log, signal } = options;
  return settleLeftRecords({
    folder: new StagedFolder(options.folder),
    wants: (record) => {
      if (isExpired(record, engine.clock.now())) return true;
      return !options.skips?.(record) && serviceOf(record, services, accounts) !== undefined;
    },
    async settle(record) {
      const outcome = await settle(record, serviceOf(record, services, accounts), engine);
      report(record, outcome, log);
      return outcome;
    },
    isOpen: ({ state }) => state === 'held',
    stuck: (_record, failure) => ({ state: 'held', reason: String(failure), again: false }),
    what: 'upload to a service',
    log,
    signal,
  });
}

/** That of the account, if it is configured; else any at the address, if any will do. */
function serviceOf(
  record: StagedRecord,
  services: readonly ConnectedService[],
  accounts: 'same' | 'any',
): ConnectedService | undefined {
  const { api } = record.account;
  return services.find(({ access, journal }) => {
    if (access.service !== record.service || journal.account?.api !== api) return false;
    return accounts === 'any' || isOf(record, journal);
  });
}

function isOf({ account }: StagedRecord, { account: mine }: ConnectedService['journal']): boolean {
  return mine?.fingerprint === account.fingerprint;
}

async function settle(
  record: StagedRecord,
  service: ConnectedService | undefined,
  engine: TransferEngine,
): Promise<StagedOutcome> {
  if (record.step === 'finish') return { state: 'perhaps_done' };
  if (service === undefined || isExpired(record, engine.clock.now())) return { state: 'expired' };
  const client = createServiceClient(service.access, engine);
  return cleanUpStaged(record, client, isOf(record, service.journal));
}

function report(record: StagedRecord, outcome: StagedOutcome, log: RecordLog): void {
  const { service, flow, id, step } = record;
  const { level, words } = TOLD[outcome.state];
  const reason = outcome.state === 'held' ? { reason: outcome.reason } : {};
  log[level]({ service, flow, id, step, ...reason }, words);
}

const TOLD: Readonly<
  Record<StagedOutcome['state'], { readonly level: 'info' | 'warn'; readonly words: string }>
> = {
  removed: { level: 'warn', words: 'removed from a service what a process had left of an upload' },
  over: { level: 'info', words: 'an upload to a service that a process had left was over already' },
  expired: { level: 'info', words: 'an upload to a service that a process had left ran out' },
  perhaps_done: {
    level: 'warn',
    words:
      'a process ended while it finished an upload to a service: it may be done, and nothing is removed',
  },
  held: {
    level: 'warn',
    words: 'what a process left of an upload to a service could not be removed now',
  },
};

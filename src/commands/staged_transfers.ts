import type { Config } from '../config.ts';
import { StagedFolder, type StagedRecord, stagedKey } from '../connectors/staging/staged_record.ts';
import { cleanLeftStaged, type StagedSweep } from '../connectors/staging/staged_recovery.ts';
import type { Log } from '../log.ts';
import { servicesFolder } from '../state_folder.ts';
import { createTransferEngine } from '../transfer/engine.ts';
import { isRecord } from '../transfer/records/record_codec.ts';
import type { FoundRecord } from '../transfer/records/record_folder.ts';
import { openServices } from './services.ts';
import {
  type CleanedTransfer,
  TAKEN,
  type TransferEntry,
  unreadableEntry,
} from './transfer_entry.ts';

const UNREADABLE =
  'its record could not be read, and was removed: what it staged at a service runs out by itself';

/** What a service is configured by, for those who left it out. */
const SETTINGS: Readonly<Record<StagedRecord['service'], string>> = {
  opteryx: 'Opteryx (OPTERYX_CLIENT_ID and OPTERYX_CLIENT_SECRET)',
  geolens: 'GeoLens (GEOLENS_INSTANCE and GEOLENS_API_KEY)',
};

/** Uploads to services that are noted in a state folder. */
export async function listStaged(stateFolder: string): Promise<TransferEntry[]> {
  const folder = new StagedFolder(servicesFolder(stateFolder));
  const setAside = await folder.listSetAside();
  return [
    ...(await folder.list()).map(stagedEntry),
    ...setAside.map((path) => unreadableEntry(path, 'unreadable')),
  ];
}

/** Cleans up those that were left behind, at the services that are configured. */
export async function cleanStaged(
  config: Config,
  stateFolder: string,
  log: Log,
): Promise<CleanedTransfer[]> {
  const left = (await listStaged(stateFolder)).filter(isLeft);
  if (left.length === 0) return [];
  const sweep = await sweepAll(config, servicesFolder(stateFolder), log);
  await new StagedFolder(servicesFolder(stateFolder)).removeSetAside();
  const still = new Map((await listStaged(stateFolder)).map((entry) => [entry.id, entry]));
  return left.map((entry) => cleaned(entry, still.get(entry.id), sweep));
}

async function sweepAll(config: Config, folder: string, log: Log): Promise<StagedSweep> {
  const engine = createTransferEngine();
  try {
    const services = (await openServices(config, log))?.services ?? [];
    const { signal } = new AbortController();
    // Asked for by its user, so the credentials may have been renewed since.
    return await cleanLeftStaged({ folder, services, engine, log, signal }, 'any');
  } finally {
    await engine.close();
  }
}

function cleaned(
  entry: TransferEntry,
  now: TransferEntry | undefined,
  { recovered }: StagedSweep,
): CleanedTransfer {
  if (now === undefined) {
    if (entry.state === 'unreadable') return { ...entry, reason: UNREADABLE };
    const outcome = recovered.find(({ record }) => stagedKey(record) === entry.id)?.outcome.state;
    return outcome === undefined || outcome === 'held' ? entry : { ...entry, outcome };
  }
  if (now.state === 'running' || now.state === 'elsewhere') return { ...entry, reason: TAKEN };
  return { ...entry, reason: whyNotCleaned(now, recovered) };
}

function whyNotCleaned(
  { id, service, api, record }: TransferEntry,
  recovered: StagedSweep['recovered'],
): string {
  const outcome = recovered.find((it) => stagedKey(it.record) === id)?.outcome;
  if (outcome?.state === 'held' && outcome.again) return outcome.reason;
  const otherwise = `it runs out by itself; if nobody can remove it any more, remove ${record}`;
  if (outcome?.state === 'held') return `${outcome.reason}; ${otherwise}`;
  if (service === undefined)
    return `it is of another user or version of this program; ${otherwise}`;
  return `configure ${SETTINGS[service]} as it was at ${api} to remove it; ${otherwise}`;
}

function isLeft({ state }: TransferEntry): boolean {
  return state === 'left_behind' || state === 'unreadable';
}

function stagedEntry({ path, owner, life, record }: FoundRecord<StagedRecord>): TransferEntry {
  const state = life === 'gone' ? 'left_behind' : life;
  const pid = life === 'gone' || owner === undefined ? {} : { pid: owner.pid };
  if (!isRecord(record)) {
    const isDamaged = record === 'damaged' && life === 'gone';
    return { ...unreadableEntry(path, isDamaged ? 'unreadable' : state), ...pid };
  }
  const { service, flow, id, account, startedAt, expiresAt } = record;
  return {
    id: stagedKey(record),
    kind: 'upload',
    state,
    ...pid,
    files: [],
    service,
    flow,
    upload_id: id,
    api: account.api,
    started_at: new Date(startedAt).toISOString(),
    ...(expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() }),
    record: path,
  };
}

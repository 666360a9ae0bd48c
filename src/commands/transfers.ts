import type { Config } from '../config.ts';
import { createServerContext, sessionPlace } from '../context.ts';
import { createLog, type Log } from '../log.ts';
import { downloadsFolder, uploadsFolder } from '../state_folder.ts';
import { findJournals, removeLeftDownload } from '../transfer/downloads/download_journal.ts';
import { type CrashedSession, releaseCrashedSession } from '../workflows/crashed_session.ts';
import { releaseLeftSessions, type Sweep } from '../workflows/recovery.ts';
import { SessionFolder } from '../workflows/session_folder.ts';
import { openAccount } from './account.ts';
import { cleanStaged } from './staged_transfers.ts';
import { type CleanedTransfer, TAKEN, type TransferEntry } from './transfer_entry.ts';
import { listDownloads, listSessions, listTransfers } from './transfer_list.ts';
import { cleanedWords, transferTable } from './transfer_table.ts';

const UNREADABLE =
  'its record could not be read, and was removed: if it holds a reservation, Geopera alone can tell';

/** `geopera-mcp transfers`: what is under way and what was left behind; `clean` clears the latter. */
export async function runTransfers(config: Config): Promise<void> {
  const { stateDir, action, json } = config;
  if (stateDir === undefined) throw new Error('There is no state folder: name one, --state-dir.');
  const print = (words: string, facts: object) =>
    process.stdout.write(`${json ? JSON.stringify(facts) : words}\n`);
  if (action === 'list') {
    const transfers = await listTransfers(stateDir);
    print(transferTable(transfers), { transfers });
    return;
  }
  const done = await clean(config, stateDir);
  const failed = done.filter(({ reason }) => reason !== undefined);
  print(cleanedWords(done), {
    cleaned: done.filter(({ reason }) => reason === undefined),
    not_cleaned: failed,
  });
  if (failed.length > 0)
    throw new Error(`${failed.length} of ${done.length} could not be cleaned.`);
}

async function clean(config: Config, stateDir: string): Promise<CleanedTransfer[]> {
  const log = createLog(config.logLevel);
  try {
    return [
      ...(await cleanSessions(config, stateDir, log)),
      ...(await cleanStaged(config, stateDir, log)),
      ...(await cleanDownloads(stateDir)),
    ];
  } finally {
    await log.flushed();
  }
}

async function cleanSessions(
  config: Config,
  stateDir: string,
  log: Log,
): Promise<CleanedTransfer[]> {
  const before = await listSessions(stateDir);
  const sweep = await releaseAll(config, stateDir, log);
  await new SessionFolder(uploadsFolder(stateDir)).removeSetAside();
  const still = new Map((await listSessions(stateDir)).map((entry) => [entry.id, entry]));
  const left = before.filter(({ state }) => state === 'left_behind' || state === 'unreadable');
  return left.map((entry) => {
    const tried = sweep?.recovered.find(({ record }) => record.idempotencyKey === entry.id);
    const outcome = tried?.outcome;
    const reason = whyNotReleased(entry, still.get(entry.id), sweep && { outcome });
    if (reason !== undefined) return { ...entry, reason };
    return outcome === undefined || outcome.state === 'held'
      ? entry
      : { ...entry, outcome: outcome.state };
  });
}

async function releaseAll(config: Config, stateDir: string, log: Log): Promise<Sweep | undefined> {
  const { account, close } = await openAccount(config);
  try {
    const workflows = createServerContext(config, account, log).caller(undefined).context;
    const place = sessionPlace(config, account);
    if (place === undefined) return undefined;
    const options = {
      folder: uploadsFolder(stateDir),
      account: place.account(),
      release: (request: Parameters<typeof releaseCrashedSession>[0]) =>
        releaseCrashedSession(request, workflows),
      log,
      signal: new AbortController().signal,
    };
    // Asked for by its user, so the key may have been renewed since.
    return await releaseLeftSessions(options, 'any');
  } finally {
    await close();
  }
}

async function cleanDownloads(stateDir: string): Promise<CleanedTransfer[]> {
  const before = await listDownloads(stateDir);
  const stuck = await removeDownloads(downloadsFolder(stateDir));
  const still = new Set((await listDownloads(stateDir)).map(({ id }) => id));
  return before
    .filter(({ state }) => state === 'left_behind')
    .map((entry) =>
      still.has(entry.id) ? { ...entry, reason: stuck.get(entry.id) ?? TAKEN } : entry,
    );
}

/** Answers what could not be removed, and why: one must not keep the others. */
async function removeDownloads(folder: string): Promise<ReadonlyMap<string, string>> {
  const stuck = new Map<string, string>();
  for (const found of await findJournals(folder)) {
    if (found.owner !== undefined) continue;
    try {
      await removeLeftDownload(folder, found);
    } catch (failure) {
      stuck.set(found.file, String(failure));
    }
  }
  return stuck;
}

/** @param tried what came of it, if anything could be tried at all */
function whyNotReleased(
  entry: TransferEntry,
  now: TransferEntry | undefined,
  tried: { readonly outcome: CrashedSession | undefined } | undefined,
): string | undefined {
  if (now === undefined) return entry.state === 'unreadable' ? UNREADABLE : undefined;
  if (now.state === 'running' || now.state === 'elsewhere') return TAKEN;
  if (tried === undefined) return 'there is no token to release it with (GEOPERA_API_TOKEN)';
  const { outcome } = tried;
  if (outcome?.state === 'held' && outcome.again) return outcome.reason;
  const reason =
    outcome?.state === 'held'
      ? outcome.reason
      : `it is of ${entry.api ?? 'another user or version of this program'}`;
  return `${reason}; if nobody can release it any more, remove ${now.record}`;
}

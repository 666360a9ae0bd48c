import { Console } from 'node:console';
import { stat } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { createServerContext, sessionPlace } from '../context.ts';
import { createLog, type Log } from '../log.ts';
import { shutDown } from '../protocol/running_requests.ts';
import { buildServer } from '../server.ts';
import { processKey } from '../tools/consent/consent.ts';
import { END_SIGNALS } from '../transports/end_signals.ts';
import { serveStdio } from '../transports/stdio.ts';
import type { RecoveryRounds } from '../workflows/recovery_rounds.ts';
import { CLEAN_UP_MS } from '../workflows/reservation.ts';
import { openAccount } from './account.ts';
import { recoverLeftSessions } from './left_sessions.ts';
import { offeredBy } from './offered.ts';
import { openServices } from './services.ts';

/** `geopera-mcp`: one client over stdin and stdout. */
export async function runStdio(given: Config): Promise<void> {
  // Any library that prints would break the protocol, which has stdout to itself.
  globalThis.console = new Console(process.stderr, process.stderr);
  const log = createLog(given.logLevel);
  // A signal that comes before there is a server to end must not leave a sandbox behind.
  const ended = new AbortController();
  const end = () => ended.abort();
  for (const signal of END_SIGNALS) process.on(signal, end);
  const { account, close } = await openAccount(given);
  const lasts = account.lastingName !== undefined;
  // Of a sandbox that ends with this process, nothing is left to go on with or to release.
  const config = lasts ? given : { ...given, stateDir: undefined };
  try {
    if (ended.signal.aborted) return;
    await warnOfMissingFolders(config, log);
    if (lasts && config.stateDir === undefined) log.warn({}, 'no folder to note transfers in');
    const context = createServerContext(config, account, log);
    const { now } = context.clock;
    const services = await openServices(given, log);
    const options = { ...context, services: services?.tools, confirmationKey: processKey(), now };
    const { server, drain } = buildServer(offeredBy(config, options), context);
    const { jobs } = context;
    const served = { server, drain: () => Promise.all([drain(), jobs.cancelAll(shutDown)]) };
    const place = sessionPlace(config, account);
    const rounds: RecoveryRounds[] = [];
    // When the client has said that it is ready: it takes no time from the start.
    server.oninitialized = () => {
      if (rounds.length > 0) return;
      const acting = context.caller(undefined).context;
      const begun = [place && recoverLeftSessions(place, acting), services?.recover(acting.engine)];
      rounds.push(...begun.filter((it) => it !== undefined));
    };
    await serveStdio(served, {
      input: process.stdin,
      output: process.stdout,
      log,
      drainMs: CLEAN_UP_MS,
    });
    await Promise.all(rounds.map((it) => it.stop()));
  } finally {
    await close();
    for (const signal of END_SIGNALS) process.off(signal, end);
    await log.flushed();
  }
}

/** A typo in a folder's name shows here, not at the first refusal. */
async function warnOfMissingFolders({ allowDirs }: Config, log: Log): Promise<void> {
  for (const folder of allowDirs) {
    const found = await stat(folder).catch(() => undefined);
    if (!found?.isDirectory()) log.warn({ folder }, 'this allowed folder does not exist');
  }
}

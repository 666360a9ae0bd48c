import type { Config } from '../config.ts';
import { createLog } from '../log.ts';
import { END_SIGNALS } from '../transports/end_signals.ts';
import { openAccount } from './account.ts';
import { openHttpServer } from './http_server.ts';

/** `geopera-mcp http`: prints one line of JSON, then serves until a signal comes. */
export async function runHttp(config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  // Before the start, so that a signal in it leaves nothing behind; and for good, so that a second one
  // does not cut the clean-up short.
  const ended = new Promise<unknown>((resolve) => {
    for (const signal of END_SIGNALS) process.on(signal, resolve);
  });
  // Whoever read the announcement may go.
  process.stdout.on('error', () => undefined);
  const { account, close } = await openAccount(config);
  try {
    const server = await openHttpServer(config, account, log);
    const project = account.sandboxProjectId;
    const announcement = {
      url: server.url,
      ...(project === undefined ? {} : { project_id: project }),
    };
    process.stdout.write(`${JSON.stringify(announcement)}\n`);
    await ended;
    log.info({ seconds: config.drainSeconds }, 'draining');
    await server.drain();
  } finally {
    await close();
    await log.flushed();
  }
}

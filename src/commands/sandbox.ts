import type { Config } from '../config.ts';
import { openSandbox } from '../sandbox/open_sandbox.ts';
import { END_SIGNALS } from '../transports/end_signals.ts';

/** `geopera-mcp sandbox`: prints one line of JSON, then serves until a signal comes. */
export async function runSandbox(config: Config): Promise<void> {
  // Before the start, so that a signal in it leaves no folder behind; and for good, so that a second
  // signal does not cut the clean-up short.
  const ended = new Promise<unknown>((resolve) => {
    for (const signal of END_SIGNALS) process.on(signal, resolve);
  });
  // Whoever read the announcement may go; the sandbox stays.
  process.stdout.on('error', () => undefined);
  const { dataDir, port, quotaBytes, urlLifetimeSeconds, clipDownload } = config;
  const sandbox = await openSandbox({
    dataDir,
    port,
    quotaBytes,
    urlLifetimeSeconds,
    clipDownload,
    expiredStatus: config.expiredStatus === '403' ? 403 : 400,
  });
  const { url, token, projectId } = sandbox;
  process.stdout.write(`${JSON.stringify({ url, token, project_id: projectId })}\n`);
  await ended;
  await sandbox.close();
}

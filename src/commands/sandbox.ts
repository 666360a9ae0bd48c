import type { Config } from '../config.ts';
import { openSandbox } from '../sandbox/open_sandbox.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { END_SIGNALS } from '../transports/end_signals.ts';
import { startSandboxServices } from './sandbox_services.ts';

/** `geopera-mcp sandbox`: prints one line of JSON, then serves until a signal comes. */
export async function runSandbox(config: Config): Promise<void> {
  // Before the start, so that a signal in it leaves no folder behind; and for good, so that a second
  // signal does not cut the clean-up short.
  const ended = new Promise<unknown>((resolve) => {
    for (const signal of END_SIGNALS) process.on(signal, resolve);
  });
  // Whoever read the announcement may go; the sandbox stays.
  process.stdout.on('error', () => undefined);
  // First, as the others take any port that is free.
  const sandbox = await openConfigured(config);
  try {
    const { url, token, projectId } = sandbox;
    const services = await startSandboxServices(config.withServices);
    const announcement = { url, token, project_id: projectId, ...services.announcements };
    process.stdout.write(`${JSON.stringify(announcement)}\n`);
    await ended;
    await services.close();
  } finally {
    await sandbox.close();
  }
}

function openConfigured(config: Config): Promise<Sandbox> {
  const { dataDir, port, quotaBytes, urlLifetimeSeconds, clipDownload } = config;
  return openSandbox({
    dataDir,
    port,
    quotaBytes,
    urlLifetimeSeconds,
    clipDownload,
    expiredStatus: config.expiredStatus === '403' ? 403 : 400,
  });
}

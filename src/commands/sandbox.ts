import type { Config } from '../config.ts';
import { openSandbox } from '../sandbox/open_sandbox.ts';

/** `geopera-mcp sandbox`: prints one line of JSON, then serves until a signal comes. */
export async function runSandbox(config: Config): Promise<void> {
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
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await sandbox.close();
}

import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { halfConfigured, hasGeolens, hasOpteryx } from '../settings/configured_services.ts';
import type { ConnectedServices } from './connected_services.ts';

/** The services that are configured; undefined if none is, which costs a start nothing. */
export async function openServices(
  config: Config,
  log: Log,
): Promise<ConnectedServices | undefined> {
  for (const words of halfConfigured(config)) log.warn({}, words);
  if (!hasOpteryx(config) && !hasGeolens(config)) return undefined;
  const { connectServices } = await import('./connected_services.ts');
  return connectServices(config, log);
}

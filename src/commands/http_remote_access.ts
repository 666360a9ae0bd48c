import type { Config } from '../config.ts';
import { createRemoteAccess, type RemoteAccess } from '../transfer/sources/remote_access.ts';
import { VERSION } from '../version.ts';

/** What `upload_from_url` may reach. */
export function remoteAccess(config: Config): RemoteAccess {
  return createRemoteAccess({
    rules: {
      hosts: config.fetchHosts,
      networks: config.fetchAllowNets,
      allowHttp: config.fetchAllowHttp,
    },
    limits: { mostBytes: config.fetchMaxBytes, mostMs: config.fetchMaxSeconds * 1000 },
    userAgent: `geopera-mcp/${VERSION}`,
  });
}

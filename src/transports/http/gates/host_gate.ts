import { type Authority, parseAuthority } from './authority.ts';

/** Always served: a page elsewhere cannot make a browser send these for a name of its own. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Ports that clients leave out of a Host header, where the scheme implies them. */
const IMPLIED_PORTS: ReadonlySet<number | undefined> = new Set([80, 443]);

/** A setting that names no host. */
export class InvalidHost extends Error {
  override readonly name = 'InvalidHost';

  constructor(entry: string) {
    super(`${JSON.stringify(entry)} is not a host or host:port (IPv6 addresses stand in brackets)`);
  }
}

export interface HostGate {
  /**
   * The host that a request is for, if it is one of those served here; `undefined` if the request
   * is to be refused. Against DNS rebinding.
   *
   * @param headers all values of each header: a second Host is a reason to refuse
   */
  admit(headers: NodeJS.Dict<string[]>): Authority | undefined;
}

/**
 * @param served names at which clients reach this server, besides loopback; one with a port is met by
 *   that port alone
 * @throws InvalidHost
 */
export function createHostGate(served: readonly string[]): HostGate {
  const allowed = [...LOOPBACK, ...served].map((entry) => {
    const authority = parseAuthority(entry);
    if (authority === undefined) throw new InvalidHost(entry);
    return authority;
  });
  return {
    admit(headers) {
      const [host, ...more] = headers['host'] ?? [];
      if (host === undefined || more.length > 0) return undefined;
      const asked = parseAuthority(host);
      if (asked === undefined) return undefined;
      return allowed.some((entry) => meets(asked, entry)) ? asked : undefined;
    },
  };
}

function meets(asked: Authority, entry: Authority): boolean {
  if (asked.name !== entry.name) return false;
  if (entry.port === undefined || asked.port === entry.port) return true;
  return asked.port === undefined && IMPLIED_PORTS.has(entry.port);
}

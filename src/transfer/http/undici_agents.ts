import type { Dispatcher } from 'undici';
import { TransferError } from '../failures/transfer_error.ts';
import { namesProxy, noProxy } from './proxy_choice.ts';

/** `shared` keeps connections alive for the next request; `fresh` gives every request its own. */
export type ConnectionUse = 'shared' | 'fresh';

/** Connections to storage, opened lazily and kept by use. */
export interface Connections {
  open(use: ConnectionUse): Promise<Dispatcher>;
  close(): Promise<void>;
}

async function createAgent(connectMs: number): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const options = {
    // HTTP/2 would put every transfer to a host on one TCP connection with one small window.
    allowH2: false,
    pipelining: 1,
    connect: { timeout: connectMs },
    // Stalls are watched in watchdog.ts: undici's own timers sleep under backpressure.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (!namesProxy(process.env)) {
    return new Agent(options);
  }
  try {
    return new EnvHttpProxyAgent({ ...options, noProxy: hostsWithoutProxy() });
  } catch {
    // Not passed on: the error holds the proxy's URL, and that may hold a password.
    throw new TransferError({
      code: 'storage_unavailable',
      message: 'the proxy that the environment names (HTTPS_PROXY, HTTP_PROXY) is not a URL.',
    });
  }
}

/** `NO_PROXY`, and this machine: a proxy would look for it on its own. */
function hostsWithoutProxy(): string {
  const named = noProxy(process.env);
  return named === '*' ? '*' : `${named},localhost,127.0.0.1,[::1]`;
}

/**
 * Two pools of HTTP/1.1 connections, through the proxy that the environment names
 * (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
 *
 * @param connectMs longest time for a connection to come up, TLS included
 */
export function createConnections(connectMs: number): Connections {
  const agents = new Map<ConnectionUse, Promise<Dispatcher>>();
  return {
    open(use) {
      const open = agents.get(use) ?? createAgent(connectMs);
      agents.set(use, open);
      open.catch(() => agents.delete(use));
      return open;
    },
    async close() {
      const open = [...agents.values()];
      agents.clear();
      await Promise.all(open.map(async (agent) => (await agent).destroy()));
    },
  };
}

import { isLoopback } from '../urls/transfer_url.ts';

const PROXY_VARIABLES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'] as const;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The part of a process's environment that is about proxies. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** Whether the environment names a proxy at all. */
export function namesProxy(environment: ProxyEnvironment): boolean {
  return PROXY_VARIABLES.some((name) => (environment[name] ?? '') !== '');
}

/** `NO_PROXY` as the environment has it. */
export function noProxy(environment: ProxyEnvironment): string {
  return (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').trim();
}

/**
 * Whether a request to the URL is one that may have to go through a proxy. An entry of `NO_PROXY`
 * stands for its host and the hosts below it, on one port if it names one; `*` for all.
 */
export function mayBeProxied(url: URL, environment: ProxyEnvironment): boolean {
  if (!namesProxy(environment) || isLoopback(url)) return false;
  const exempt = noProxy(environment);
  if (exempt === '*') return false;
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol] : url.port;
  return !exempt.split(/[,\s]+/).some((entry) => covers(entry, url.hostname, port));
}

function covers(entry: string, hostname: string, port: string | undefined): boolean {
  const [, named = entry, ownPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
  const host = named.replace(/^\*?\./, '').toLowerCase();
  if (host === '' || (ownPort !== undefined && ownPort !== port)) return false;
  return hostname === host || hostname.endsWith(`.${host}`);
}

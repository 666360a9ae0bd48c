/** A host as a header or a setting names it: lower case, the port only if it was named. */
export interface Authority {
  /** A name, an IPv4 address, or an IPv6 address in brackets. */
  readonly name: string;
  readonly port: number | undefined;
}

/** Longer than any name of the DNS, with a port (RFC 1035, 2.3.4). */
const MAX_CHARS = 261;

const AUTHORITY = /^([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

/** @returns undefined for what is no `host` or `host:port`, such as one with user information */
export function parseAuthority(text: string): Authority | undefined {
  if (text.length > MAX_CHARS) return undefined;
  const [, name, port] = AUTHORITY.exec(text.toLowerCase()) ?? [];
  if (name === undefined) return undefined;
  if (port === undefined) return { name, port: undefined };
  const number = Number(port);
  return number >= 1 && number <= 65_535 ? { name, port: number } : undefined;
}

/** Credentials go there, so the way must be encrypted unless it stays on this machine. */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, search, hash } = new URL(address);
  if (username !== '' || search !== '' || hash !== '') return false;
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}

/** Without the slashes at its end. */
export function bareAddress(address: string): string {
  return address.replace(/\/+$/, '');
}

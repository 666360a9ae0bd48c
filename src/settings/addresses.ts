import { z } from 'zod';

/** The address of a service to which credentials go, without the slashes at its end. */
export const safeAddress = () =>
  z
    .string()
    .refine(isSafeAddress, 'must be a plain https address (or http on loopback)')
    .transform((address) => address.replace(/\/+$/, ''));

/** The way must be encrypted unless it stays on this machine. */
function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, search, hash } = new URL(address);
  if (username !== '' || search !== '' || hash !== '') return false;
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}

import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { type AddressPolicy, type AddressRules, createAddressPolicy } from './address_policy.ts';

/** Decides which connections may be made, at the moment in which they are made. */
export interface ConnectionGate extends AddressPolicy {
  /**
   * Resolves a name once, and gives addresses only if every one of them passes. The connection goes to
   * one of these: a name that has another address a moment later leads nowhere else.
   */
  readonly lookup: LookupFunction;
}

/** All addresses of a name. */
export type Resolver = (host: string) => Promise<LookupAddress[]>;

const systemResolver: Resolver = (host) => lookup(host, { all: true });

/** @throws RangeError for a rule that is not one */
export function createConnectionGate(
  rules: AddressRules,
  resolve: Resolver = systemResolver,
): ConnectionGate {
  const policy = createAddressPolicy(rules);
  async function resolveAllowed(host: string): Promise<[LookupAddress, ...LookupAddress[]]> {
    const [first, ...more] = await resolve(host);
    if (first === undefined) throw notFound(host);
    for (const { address } of [first, ...more]) policy.assertAddress(address, host);
    return [first, ...more];
  }
  return {
    ...policy,
    lookup(host, options, callback) {
      resolveAllowed(host).then(
        (found) => {
          if (options.all === true) callback(null, found);
          else callback(null, found[0].address, found[0].family);
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      );
    },
  };
}

/** As Node has it. */
function notFound(host: string): Error {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
}

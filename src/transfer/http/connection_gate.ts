import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { errnoOf } from '../failures/disk_problem.ts';
import type { Owner } from '../fair_places.ts';
import {
  type AddressPolicy,
  type AddressRules,
  createAddressPolicy,
  notPublic,
} from './address_policy.ts';
import { NameLookups, type NameLookupsOptions } from './name_lookups.ts';

/** Decides which connections may be made, at the moment in which they are made. */
export interface ConnectionGate extends AddressPolicy {
  /**
   * Resolves a name once, and gives addresses only if every one of them passes. The connection goes to
   * one of these: a name that has another address a moment later leads nowhere else. A name with no
   * address is refused as one with a wrong address is: which names there are inside is nobody's business.
   */
  readonly lookup: LookupFunction;
  /** The same gate for one of several owners, who leave each other room to resolve names. */
  forOwner(owner: string): ConnectionGate;
}

/** @throws RangeError for a rule that is not one */
export function createConnectionGate(
  rules: AddressRules,
  options: NameLookupsOptions = {},
): ConnectionGate {
  const policy = createAddressPolicy(rules);
  const lookups = new NameLookups(options);

  async function resolveAllowed(
    host: string,
    owner: Owner,
  ): Promise<[LookupAddress, ...LookupAddress[]]> {
    const found = await lookups.addressesOf(host, owner).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOTFOUND') return [];
      throw error;
    });
    const [first, ...more] = found;
    if (first === undefined) throw notPublic(host);
    for (const { address } of found) policy.assertAddress(address, host);
    return [first, ...more];
  }

  const gateFor = (owner: Owner): ConnectionGate => ({
    ...policy,
    lookup(host, asked, callback) {
      resolveAllowed(host, owner).then(
        (found) => {
          if (asked.all === true) callback(null, found);
          else callback(null, found[0].address, found[0].family);
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      );
    },
    forOwner: gateFor,
  });
  return gateFor(undefined);
}

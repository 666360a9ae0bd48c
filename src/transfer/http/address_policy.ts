import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { TransferError } from '../failures/transfer_error.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [address: Address, prefixBits: number];

/** Where requests to URLs that somebody else has written may go. */
export interface AddressRules {
  /** Names, and `*.example.com` for every name below one. Only these, if any are given. */
  readonly hosts: readonly string[];
  /** Networks beside the public ones, as `10.1.0.0/16` or one address. */
  readonly networks: readonly string[];
  /** Plain http too. */
  readonly allowHttp: boolean;
}

/** Judges URLs and addresses. Each `assert…` throws a TransferError `address_refused`. */
export interface AddressPolicy {
  /** All that can be judged without resolving a name: scheme, host, an address as the host. */
  assertUrl(url: URL): void;
  /** @param host as the URL has it, for words */
  assertAddress(address: string, host: string): void;
}

/** All of IPv6 that is handed out for use on the internet (IANA, IPv6 Global Unicast Address Space). */
const GLOBAL_IPV6: Network = ipaddr.parseCIDR('2000::/3');
/** How hosts of IPv4 look in a network of IPv6 alone (RFC 6052): the last four bytes count. */
const NAT64: Network = ipaddr.parseCIDR('64:ff9b::/96');
/** Azure's own services on every machine of it, at an address that looks like any other. */
const AZURE_HOST: Network = ipaddr.parseCIDR('168.63.129.16/32');

/** @throws RangeError for a rule that is not one */
export function createAddressPolicy(rules: AddressRules): AddressPolicy {
  const networks = rules.networks.map(parseNetwork);
  const hosts = rules.hosts.map(parseHost);

  function assertAddress(address: string, host: string): void {
    if (!isAllowed(address, networks)) {
      throw notPublic(host);
    }
  }

  return {
    assertAddress,
    assertUrl(url) {
      if (url.protocol !== 'https:' && !(rules.allowHttp && url.protocol === 'http:')) {
        throw refused(`only ${rules.allowHttp ? 'https and http' : 'https'} URLs are fetched`);
      }
      if (url.username !== '' || url.password !== '') {
        throw refused('the URL has a user name or a password in it');
      }
      const host = bareHost(url);
      if (hosts.length > 0 && !hosts.some((covers) => covers(host))) {
        throw refused(`${inWords(host)} is not one of the hosts that this server may fetch from`);
      }
      if (isIP(host) !== 0) assertAddress(host, host);
    },
  };
}

/** The host as names and addresses are compared: no brackets, no dot at the end. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isAllowed(text: string, networks: readonly Network[]): boolean {
  if (!ipaddr.isValid(text)) return false;
  // An IPv4 address that is written as one of IPv6 leads to the IPv4 host.
  const address = ipaddr.process(text);
  const meant = isWithin(address, NAT64) ? embedded(address) : address;
  return networks.some((network) => isWithin(meant, network)) || isPublic(meant);
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4'
    ? !isWithin(address, AZURE_HOST)
    : isWithin(address, GLOBAL_IPV6);
}

function isWithin(address: Address, [network, prefixBits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, prefixBits);
}

function embedded(address: Address): Address {
  return ipaddr.fromByteArray(address.toByteArray().slice(-4));
}

function parseNetwork(text: string): Network {
  const [address = '', bits, ...more] = text.split('/');
  const kind = isIP(address);
  const most = kind === 4 ? 32 : 128;
  const prefixBits = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (kind === 0 || more.length > 0 || prefixBits < 0 || prefixBits > most) {
    throw new RangeError(`'${text}' is not a network such as 10.1.0.0/16`);
  }
  return [ipaddr.parse(address), prefixBits];
}

function parseHost(text: string): (host: string) => boolean {
  const isBelow = text.startsWith('*.');
  const name = isBelow ? text.slice(2) : text;
  const address = isIP(name) === 6 ? `https://[${name}]/` : `https://${name}/`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.href !== `https://${url.hostname}/` || name.includes('*')) {
    throw new RangeError(`'${text}' is not a host such as data.example.com or *.example.com`);
  }
  const host = bareHost(url);
  return isBelow ? (it) => it.endsWith(`.${host}`) : (it) => it === host;
}

const LONGEST_HOST = 100;

function inWords(host: string): string {
  return `the host ${host.length > LONGEST_HOST ? `${host.slice(0, LONGEST_HOST)}…` : host}`;
}

/** Also for a host that has no address at all. */
export function notPublic(host: string): TransferError {
  return refused(`${inWords(host)} is not at an address of the public internet`);
}

function refused(why: string): TransferError {
  return new TransferError({ code: 'address_refused', message: `${why}.` });
}

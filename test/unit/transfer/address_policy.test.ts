import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AddressRules,
  createAddressPolicy,
} from '../../../src/transfer/http/address_policy.ts';
import { PUBLIC_HOSTS, REFUSED_HOSTS, REFUSED_URLS } from '../../security/ssrf_addresses.ts';

const policy = (rules: Partial<AddressRules> = {}) =>
  createAddressPolicy({ hosts: [], networks: [], allowHttp: false, ...rules });

/** What a policy says of a URL: nothing, or why it is refused. */
function verdict(url: string, rules?: Partial<AddressRules>): string {
  try {
    policy(rules).assertUrl(new URL(url));
    return 'allowed';
  } catch (error) {
    expect(error).toMatchObject({ name: 'TransferError', code: 'address_refused' });
    return error instanceof Error ? error.message : '';
  }
}

const REFUSED = /is not at an address of the public internet/;

describe('a host that is an address', () => {
  it.each(REFUSED_HOSTS.map(({ host, what }) => [host, what]))('%s (%s) is refused', (host) => {
    expect(verdict(`https://${host}/a.tif`)).toMatch(REFUSED);
    expect(verdict(`https://${host}:8443/a.tif?x=1`)).toMatch(REFUSED);
  });

  it.each(PUBLIC_HOSTS)('%s is public', (host) => {
    expect(verdict(`https://${host}/a.tif`)).toBe('allowed');
  });

  it.each(REFUSED_URLS.map(({ url, what }) => [url, what]))('%s (%s) is refused', (url) => {
    expect(verdict(url)).not.toBe('allowed');
  });
});

/** Every network that is refused, as `[first address, prefix bits]`. */
const NETWORKS: readonly (readonly [address: number, bits: number])[] = [
  [0x00000000, 8],
  [0x0a000000, 8],
  [0x64400000, 10],
  [0x7f000000, 8],
  [0xa9fe0000, 16],
  [0xac100000, 12],
  [0xc0000000, 24],
  [0xc0000200, 24],
  [0xc0586300, 24],
  [0xc0a80000, 16],
  [0xc6120000, 15],
  [0xc6336400, 24],
  [0xcb007100, 24],
  [0xe0000000, 4],
  [0xf0000000, 4],
];

const refusedAddress = fc
  .constantFrom(...NETWORKS)
  .chain(([first, bits]) => fc.nat(2 ** (32 - bits) - 1).map((rest) => (first + rest) >>> 0));

const octets = (address: number) => [24, 16, 8, 0].map((bits) => (address >>> bits) & 0xff);
const halves = (address: number) => [address >>> 16, address & 0xffff].map((it) => it.toString(16));
const part = (value: number, radix: number) =>
  radix === 16 ? `0x${value.toString(16)}` : radix === 8 ? `0${value.toString(8)}` : String(value);

/** The same IPv4 address as a URL may write it: so many parts, each in a base of its own, or inside IPv6. */
const written = (address: number) =>
  fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.constantFrom(8, 10, 16), { minLength: 4 }))
      .map(([parts, radixes]) => {
        const bytes = octets(address).slice(0, parts - 1);
        const rest = (address & (2 ** (8 * (5 - parts)) - 1)) >>> 0;
        const last = parts === 1 ? address : rest;
        return [...bytes, last].map((value, at) => part(value, radixes[at] ?? 10)).join('.');
      }),
    fc
      .constantFrom('::ffff:', '64:ff9b::', '::', '::ffff:0:', '64:ff9b:1::')
      .map((prefix) => `[${prefix}${octets(address).join('.')}]`),
    fc.constant(`[2002:${halves(address).join(':')}::1]`),
  );

it('any address of a refused network is refused in whatever form', () => {
  fc.assert(
    fc.property(
      refusedAddress.chain((address) => written(address)),
      (host) => {
        expect(verdict(`https://${host}/`)).toMatch(REFUSED);
      },
    ),
    { numRuns: 2000 },
  );
});

it('any IPv6 address outside 2000::/3 is refused', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const first = group.filter((it) => it >> 13 !== 1 && it !== 0 && it !== 0x64);
  fc.assert(
    fc.property(first, fc.array(group, { minLength: 7, maxLength: 7 }), (head, rest) => {
      const host = [head, ...rest].map((it) => it.toString(16)).join(':');
      expect(verdict(`https://[${host}]/`)).toMatch(REFUSED);
    }),
  );
});

describe('addresses that a name was resolved to', () => {
  it.each(['127.0.0.1', '::1', '::ffff:10.0.0.1', 'fe80::1%eth0', '169.254.169.254', '', 'x'])(
    '%s is refused in the name of the host',
    (address) => {
      expect(() => policy().assertAddress(address, 'data.example.com')).toThrow(
        'the host data.example.com is not at an address of the public internet.',
      );
    },
  );

  it('does not tell the address', () => {
    expect(() => policy().assertAddress('10.1.2.3', 'data.example.com')).not.toThrow(/10\.1/);
  });

  it.each(['8.8.8.8', '2606:4700::1', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    '%s passes',
    (address) => {
      expect(() => policy().assertAddress(address, 'data.example.com')).not.toThrow();
    },
  );
});

describe('networks that an operator allows', () => {
  it.each<[network: string, url: string, allowed: boolean]>([
    ['10.1.0.0/16', 'https://10.1.2.3/', true],
    ['10.1.0.0/16', 'https://10.2.0.1/', false],
    ['10.1.0.0/16', 'https://[::ffff:10.1.2.3]/', true],
    ['10.1.0.0/16', 'https://[64:ff9b::10.1.2.3]/', true],
    ['10.1.0.0/16', 'https://[2002:a01:203::]/', false],
    ['10.1.2.3', 'https://10.1.2.3/', true],
    ['10.1.2.3', 'https://10.1.2.4/', false],
    ['fd00:1::/32', 'https://[fd00:1::5]/', true],
    ['fd00:1::/32', 'https://[fd00:2::5]/', false],
    ['::1', 'https://[::1]/', true],
    ['::1', 'https://127.0.0.1/', false],
    ['10.1.0.0/16', 'https://8.8.8.8/', true],
  ])('%s: %s', (network, url, allowed) => {
    expect(verdict(url, { networks: [network] }) === 'allowed').toBe(allowed);
  });

  it.each(['10.1.0.0/33', '::/129', '10.1', '10/8', 'x', '', '10.0.0.0/8/8', '10.0.0.0/', '1/x'])(
    "'%s' is none",
    (network) => {
      expect(() => policy({ networks: [network] })).toThrow(RangeError);
    },
  );
});

describe('hosts that an operator names', () => {
  it.each<[rule: string, host: string, allowed: boolean]>([
    ['data.example.com', 'data.example.com', true],
    ['data.example.com', 'DATA.example.com', true],
    ['data.example.com', 'data.example.com.', true],
    ['Data.Example.com', 'data.example.com', true],
    ['data.example.com', 'a.data.example.com', false],
    ['data.example.com', 'xdata.example.com', false],
    ['data.example.com', 'data.example.com.evil.test', false],
    ['*.example.com', 'data.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'evilexample.com', false],
    ['bücher.example', 'xn--bcher-kva.example', true],
    ['8.8.8.8', '8.8.8.8', true],
    ['8.8.8.8', '8.8.4.4', false],
    ['2606:4700:4700::1111', '[2606:4700:4700::1111]', true],
  ])('%s: %s', (rule, host, allowed) => {
    expect(verdict(`https://${host}/`, { hosts: [rule] }) === 'allowed').toBe(allowed);
  });

  it('need an address that is allowed all the same', () => {
    expect(verdict('https://10.1.2.3/', { hosts: ['10.1.2.3'] })).toMatch(REFUSED);
  });

  it.each(['', '*', '*.', 'a.*.com', 'https://a.com', 'a.com/x', 'a.com:1', 'u@a.com', 'a b'])(
    "'%s' is none",
    (host) => {
      expect(() => policy({ hosts: [host] })).toThrow(RangeError);
    },
  );
});

describe('plain http', () => {
  it('is refused unless it is allowed', () => {
    expect(verdict('http://8.8.8.8/')).toBe('only https URLs are fetched.');
    expect(verdict('http://8.8.8.8/', { allowHttp: true })).toBe('allowed');
    expect(verdict('http://127.0.0.1/', { allowHttp: true })).toMatch(REFUSED);
    expect(verdict('ftp://8.8.8.8/', { allowHttp: true })).toBe(
      'only https and http URLs are fetched.',
    );
  });
});

it('a refusal repeats nothing of the URL but its host, and not all of a long one', () => {
  const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.test`;
  const said = verdict(`https://${host}/secret/path?sig=secret`, { hosts: ['x.test'] });
  expect(said).not.toMatch(/secret/);
  expect(said.length).toBeLessThan(200);
});

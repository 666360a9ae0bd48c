import type { StatedChecksums } from './checksums/stated_checksums.ts';
import type { Clock } from './clock.ts';
import { headerText, type ResponseHeaders } from './http/response_headers.ts';
import type { HostName } from './limiter.ts';

/** The checksum that a store answers to a PUT. */
export type ChecksumKind = keyof StatedChecksums;

/** What an engine has learned about the hosts that answered it. */
export interface KnownHosts {
  /** Takes note of an answer, whatever it says. */
  answered(host: HostName, headers: ResponseHeaders): void;
  hasAnswered(host: HostName): boolean;
  /** Epoch milliseconds by the host's own clock, as its last `Date` tells it; undefined if it sent none. */
  timeAt(host: HostName): number | undefined;
  /** Takes note of what storage stated about something that was put. */
  stated(host: HostName, checksums: StatedChecksums): void;
  /** What storage is going to state about the next one: as it did last, or as its kind does. */
  willState(host: HostName): ChecksumKind | undefined;
}

/** What the large stores state about an object that came in a single PUT. */
const STATED_BY: readonly { readonly host: RegExp; readonly kind: ChecksumKind }[] = [
  { host: /(?:^|\.)storage\.googleapis\.com(?::\d+)?$/, kind: 'crc32c' },
  // Amazon S3 and Cloudflare R2 in the ETag, Azure in Content-MD5.
  { host: /(?:^|\.)s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?(?::\d+)?$/, kind: 'md5' },
  { host: /\.r2\.cloudflarestorage\.com(?::\d+)?$/, kind: 'md5' },
  { host: /\.blob\.core\.windows\.net(?::\d+)?$/, kind: 'md5' },
];

interface HostFacts {
  /** What the host's clock is ahead of ours, in milliseconds. */
  readonly aheadMs?: number | undefined;
  readonly states?: ChecksumKind | undefined;
}

class HostsInMemory implements KnownHosts {
  readonly #clock: Clock;
  readonly #facts = new Map<string, HostFacts>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  answered({ host }: HostName, headers: ResponseHeaders): void {
    const date = Date.parse(headerText(headers, 'date') ?? '');
    const known = this.#facts.get(host);
    const aheadMs = Number.isNaN(date) ? known?.aheadMs : date - this.#clock.now();
    this.#facts.set(host, { ...known, aheadMs });
  }

  hasAnswered({ host }: HostName): boolean {
    return this.#facts.has(host);
  }

  timeAt({ host }: HostName): number | undefined {
    const aheadMs = this.#facts.get(host)?.aheadMs;
    return aheadMs === undefined ? undefined : this.#clock.now() + aheadMs;
  }

  stated({ host }: HostName, { crc32c, md5 }: StatedChecksums): void {
    const states = crc32c !== undefined ? 'crc32c' : md5 !== undefined ? 'md5' : undefined;
    if (states !== undefined) {
      this.#facts.set(host, { ...this.#facts.get(host), states });
    }
  }

  willState({ host }: HostName): ChecksumKind | undefined {
    return this.#facts.get(host)?.states ?? STATED_BY.find((store) => store.host.test(host))?.kind;
  }
}

/** Makes an empty memory; an engine has one. */
export function createKnownHosts(clock: Clock): KnownHosts {
  return new HostsInMemory(clock);
}

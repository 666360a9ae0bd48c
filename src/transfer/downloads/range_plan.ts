/** Bytes from `start` up to, not including, `end`. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** A stretch of the file that one stream is fetching, in order. Another stream may take its end. */
export interface Lease {
  /** The next byte it needs. */
  readonly position: number;
  /** May come closer while the stream is at work. */
  readonly end: number;
}

class OpenLease implements Lease {
  position: number;
  end: number;

  constructor({ start, end }: Extent) {
    this.position = start;
    this.end = end;
  }
}

/** Where a stretch is cut in two: pages of memory and blocks of disks are not. */
const ALIGNMENT = 64 * 1024;

/** The stretches of `[0, total)` that are in none of the given extents, in order. */
export function gapsBetween(done: readonly Extent[], total: number): Extent[] {
  const gaps: Extent[] = [];
  let from = 0;
  for (const { start, end } of [...done].sort((a, b) => a.start - b.start)) {
    if (start > from) gaps.push({ start: from, end: start });
    from = Math.max(from, end);
  }
  if (from < total) gaps.push({ start: from, end: total });
  return gaps;
}

/**
 * Which bytes of a file are still to be fetched, and by whom. Every byte is leased to at most one
 * stream at a time, and is asked for again only if its lease is given back.
 */
export class RangePlan {
  readonly #gaps: Extent[];
  readonly #open = new Set<OpenLease>();
  readonly #leastBytes: number;

  /**
   * @param done extents that are there already; they do not overlap
   * @param leastBytes no stretch is cut in two below it: a request of its own would cost more
   */
  constructor(total: number, done: readonly Extent[] = [], leastBytes = 0) {
    this.#gaps = gapsBetween(done, total);
    this.#leastBytes = leastBytes;
  }

  /** Bytes that nobody has received yet. */
  get remaining(): number {
    return [...this.#open].reduce((sum, lease) => sum + lease.end - lease.position, this.#free());
  }

  /**
   * Leases the first free stretch; if there is none, the second half of the longest one at work.
   *
   * @returns undefined if nothing is left that would be worth a stream of its own
   */
  claim(): Lease | undefined {
    const extent = this.#gaps.shift() ?? this.#half();
    if (extent === undefined) return undefined;
    const lease = new OpenLease(extent);
    this.#open.add(lease);
    return lease;
  }

  /** So many bytes of the lease have come. */
  advance(lease: Lease, bytes: number): void {
    const open = this.#find(lease);
    if (open.position + bytes > open.end) throw new RangeError('more bytes than were leased');
    open.position += bytes;
  }

  /** The stream is done with the lease; what it did not receive is free again. */
  giveBack(lease: Lease): void {
    const open = this.#find(lease);
    this.#open.delete(open);
    if (open.position < open.end) this.#gaps.unshift({ start: open.position, end: open.end });
  }

  #find(lease: Lease): OpenLease {
    for (const open of this.#open) if (open === lease) return open;
    throw new RangeError('not a lease of this plan');
  }

  #free(): number {
    return this.#gaps.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  #half(): Extent | undefined {
    const [longest] = [...this.#open].sort((a, b) => b.end - b.position - (a.end - a.position));
    if (longest === undefined) return undefined;
    const { position, end } = longest;
    const middle = Math.ceil((position + end) / 2 / ALIGNMENT) * ALIGNMENT;
    const shorter = Math.min(middle - position, end - middle);
    if (shorter < this.#leastBytes || shorter <= 0) return undefined;
    longest.end = middle;
    return { start: middle, end };
  }
}

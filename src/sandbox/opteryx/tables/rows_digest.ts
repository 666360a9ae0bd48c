import { crc32 } from 'node:zlib';
import type { Row } from './cells.ts';

/** Two primes below 2^26, so that a product of two residues is still exact as a number. */
const LANES = [
  { prime: 67_108_859, base: 40_503_019 },
  { prime: 67_108_837, base: 52_711_123 },
] as const;

/**
 * What rows say in their order, whatever pieces they came in: the digest of two pieces follows from
 * theirs. Good against mistakes, not against malice.
 */
export interface RowsDigest {
  readonly rows: number;
  readonly lanes: readonly [number, number];
}

export const NO_ROWS: RowsDigest = { rows: 0, lanes: [0, 0] };

/** The digest of what `first` and then `second` hold. */
export function joined(first: RowsDigest, second: RowsDigest): RowsDigest {
  const lane = (index: 0 | 1) => {
    const { prime, base } = LANES[index];
    const shifted = first.lanes[index] * powerOf(base, second.rows, prime);
    return ((shifted % prime) + second.lanes[index]) % prime;
  };
  return { rows: first.rows + second.rows, lanes: [lane(0), lane(1)] };
}

export function withRow(digest: RowsDigest, row: Row): RowsDigest {
  // One is added, so that a row of checksum 0 counts too.
  const sum = crc32(JSON.stringify(row)) + 1;
  const lane = (index: 0 | 1) => sum % LANES[index].prime;
  return joined(digest, { rows: 1, lanes: [lane(0), lane(1)] });
}

export function digestText({ rows, lanes }: RowsDigest): string {
  return `${rows}:${lanes.map((lane) => lane.toString(16).padStart(7, '0')).join('')}`;
}

/** The digest of rows at hand, for comparison with {@link digestText}. */
export function digestOfRows(rows: Iterable<Row>): string {
  let digest = NO_ROWS;
  for (const row of rows) digest = withRow(digest, row);
  return digestText(digest);
}

function powerOf(base: number, exponent: number, prime: number): number {
  let power = 1;
  let square = base % prime;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = (power * square) % prime;
    square = (square * square) % prime;
  }
  return power;
}

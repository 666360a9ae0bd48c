import type { TableCodec } from './table_kind.ts';

const MIB = 1024 * 1024;

/** How large parts may be, and how many of them an upload takes. */
export interface PartLimits {
  /** Bytes on the wire that a part of several records may have. One record alone may have more. */
  readonly aimBytes: number;
  /** Bytes on the wire that any part may have: the service takes 30 MB. */
  readonly wireBytes: number;
  /** Bytes that any part may have once decoded: the service takes 200 MB. */
  readonly decodedBytes: number;
  /** Parts are numbered from 0 to 999. */
  readonly mostParts: number;
}

const WIRE_BYTES = 28 * MIB;
const LEAST_AIM_BYTES = 8 * MIB;
const BATCH_BYTES = MIB;
/**
 * How many bytes all parts may have for each byte of a file, at worst: plain text that does not compress, or
 * a file that was compressed much harder than it is here; and what cuts and headers add.
 */
const GROWTH = { plain: 1.1, gzip: 1.8, br: 2.5 } satisfies Record<'plain' | TableCodec, number>;
/** What gzip puts around a part (18 bytes), what ends its data (2), and some room. */
const FRAME_BYTES = 64;

/** Small parts, so that one that fails costs little; larger ones where a file would need too many. */
export function defaultLimits(sourceBytes: number, codec: TableCodec | undefined): PartLimits {
  const mostParts = 1000;
  const wanted = Math.ceil((sourceBytes * GROWTH[codec ?? 'plain']) / mostParts);
  return {
    aimBytes: Math.min(Math.max(LEAST_AIM_BYTES, wanted), WIRE_BYTES),
    wireBytes: WIRE_BYTES,
    decodedBytes: 190 * MIB,
    mostParts,
  };
}

/** More than deflate makes of so many bytes, whatever they are. */
const deflatedAtMost = (bytes: number): number => bytes + Math.ceil(bytes / 8) + FRAME_BYTES;

/**
 * How many bytes of several records are compressed as one: never more than fit into a part after the header,
 * however badly they compress. 0 where that is none: each record is on its own then.
 */
export function batchBytes(limits: PartLimits, headerBytes: number): number {
  const most = Math.min(limits.aimBytes, limits.wireBytes);
  const room = most - deflatedAtMost(headerBytes) - 2 * FRAME_BYTES;
  return Math.max(
    0,
    Math.min(BATCH_BYTES, limits.decodedBytes - headerBytes, Math.floor((room * 8) / 9)),
  );
}

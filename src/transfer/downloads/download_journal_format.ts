import { z } from 'zod';
import type { ObjectVersion } from './object_version.ts';
import type { Extent } from './range_plan.ts';

/** A stretch that is on disk, with the CRC-32C of its bytes. */
export interface Segment extends Extent {
  readonly crc32c: number;
}

/** What a journal says before the first byte. No URL: it would be a secret, and the next one differs. */
export interface JournalHead {
  /** What is downloaded, by names that stay when its URL changes. */
  readonly identity: string;
  /** Where the file will be. */
  readonly target: string;
  /** Where its bytes are until then. */
  readonly part: string;
  readonly version: ObjectVersion;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** What a journal says in all. */
export interface JournalState {
  readonly head: JournalHead;
  /** In order, apart from each other. */
  readonly segments: readonly Segment[];
}

const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const headLine = z
  .object({
    v: z.literal(1),
    identity: z.string(),
    target: z.string().min(1),
    part: z.string().min(1),
    version: z
      .object({ total: bytes, etag: z.string().optional(), generation: z.string().optional() })
      .strict(),
    startedAt: z.number(),
  })
  .strict();

const segmentLine = z.tuple([bytes, bytes, z.number().int().min(0).max(0xffffffff)]);

export function writeHead(head: JournalHead): string {
  return `${JSON.stringify({ v: 1, ...head })}\n`;
}

export function writeSegments(segments: readonly Segment[]): string {
  return segments.map(({ start, end, crc32c }) => `[${start},${end},${crc32c}]\n`).join('');
}

/**
 * Reads a journal as far as it makes sense: it may be cut at any byte, since a process can end
 * between any two. Lines count from their newline on; the first that is none of ours ends the reading.
 *
 * @returns undefined if not even its head is whole
 */
export function readJournal(text: string): JournalState | undefined {
  const lines = text.split('\n');
  // What follows the last newline was never finished.
  lines.pop();
  const [first, ...rest] = lines.map(parseJson);
  const head = headLine.safeParse(first);
  if (!head.success) return undefined;
  const { v: _, ...known } = head.data;
  const segments: Segment[] = [];
  for (const line of rest) {
    const segment = segmentLine.safeParse(line);
    if (!segment.success) break;
    const [start, end, crc32c] = segment.data;
    if (start >= end || end > known.version.total) break;
    segments.push({ start, end, crc32c });
  }
  return { head: known, segments: inOrder(untilOverlap(segments)) };
}

const inOrder = (segments: readonly Segment[]) =>
  [...segments].sort((one, other) => one.start - other.start);

/** Up to the first that overlaps one before it. A slow download of many hours has 100,000 of them. */
function untilOverlap(segments: readonly Segment[]): readonly Segment[] {
  if (areApart(segments)) return segments;
  // Halving: what is apart up to somewhere is so up to anywhere before.
  let [sound, broken] = [0, segments.length];
  while (broken - sound > 1) {
    const middle = Math.floor((sound + broken) / 2);
    if (areApart(segments.slice(0, middle))) sound = middle;
    else broken = middle;
  }
  return segments.slice(0, sound);
}

function areApart(segments: readonly Segment[]): boolean {
  const sorted = inOrder(segments);
  return sorted.every(({ start }, at) => start >= (sorted[at - 1]?.end ?? 0));
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

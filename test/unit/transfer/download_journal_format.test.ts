import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type JournalHead,
  readJournal,
  type Segment,
  writeHead,
  writeSegments,
} from '../../../src/transfer/downloads/download_journal_format.ts';

const heads: fc.Arbitrary<JournalHead> = fc.record({
  identity: fc.string(),
  target: fc.string({ minLength: 1 }),
  part: fc.string({ minLength: 1 }),
  version: fc.record(
    { total: fc.constant(10_000), etag: fc.string(), generation: fc.string() },
    { requiredKeys: ['total'] },
  ),
  startedAt: fc.nat(),
});

/** Segments that are apart, in the order in which streams may finish them. */
const segmentLists: fc.Arbitrary<Segment[]> = fc
  .uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 2, maxLength: 20 })
  .map((edges) => edges.sort((a, b) => a - b))
  .chain((edges) =>
    fc.shuffledSubarray(
      edges
        .slice(1)
        .map((end, i) => ({ start: edges[i] ?? 0, end, crc32c: (end * 2654435761) >>> 0 })),
    ),
  );

describe('the journal of a download', () => {
  it('says what was written', () => {
    fc.assert(
      fc.property(heads, segmentLists, (head, segments) => {
        const state = readJournal(writeHead(head) + writeSegments(segments));
        expect(state?.head).toEqual(head);
        expect(state?.segments).toEqual([...segments].sort((a, b) => a.start - b.start));
      }),
    );
  });

  it('survives a cut at any byte: what it says then was written, and nothing that was whole is lost', () => {
    fc.assert(
      fc.property(
        heads,
        segmentLists,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (head, segments, at) => {
          const whole = Buffer.from(writeHead(head) + writeSegments(segments));
          const cut = whole.subarray(0, Math.floor(whole.byteLength * at));
          const state = readJournal(cut.toString('utf8'));
          const wholeLines = cut.filter((byte) => byte === 10).byteLength;
          if (wholeLines === 0) {
            expect(state).toBeUndefined();
            return;
          }
          const written = segments.slice(0, wholeLines - 1);
          expect(state?.segments).toEqual([...written].sort((a, b) => a.start - b.start));
        },
      ),
    );
  });

  it('is read up to the first line that is none of ours, whatever stands there', () => {
    fc.assert(
      fc.property(heads, segmentLists, fc.string(), (head, segments, garbage) => {
        const text = `${writeHead(head)}${writeSegments(segments)}{${garbage}\n[0,1,2]\n`;
        expect(readJournal(text)?.segments.length).toBe(segments.length);
      }),
    );
  });

  it.each([
    [
      'overlaps another',
      [
        [0, 10, 1],
        [5, 15, 1],
      ],
    ],
    [
      'lies beyond the end',
      [
        [0, 10, 1],
        [9_990, 10_001, 1],
      ],
    ],
    [
      'is empty',
      [
        [0, 10, 1],
        [20, 20, 1],
      ],
    ],
    [
      'is backwards',
      [
        [0, 10, 1],
        [30, 20, 1],
      ],
    ],
    [
      'has no checksum',
      [
        [0, 10, 1],
        [20, 30],
      ],
    ],
  ])('does not believe a segment that %s', (_why, lines) => {
    const head = {
      identity: 'i',
      target: '/t',
      part: '/p',
      version: { total: 10_000 },
      startedAt: 0,
    };
    const text = writeHead(head) + lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(readJournal(text)?.segments).toEqual([{ start: 0, end: 10, crc32c: 1 }]);
  });

  it('believes no segment from the first on that overlaps one before it', () => {
    const extents = fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(heads, fc.array(extents, { maxLength: 20 }), (head, drawn) => {
        const segments = drawn.map(([start, bytes]) => ({ start, end: start + bytes, crc32c: 1 }));
        const overlaps = segments.findIndex((later, at) =>
          segments.slice(0, at).some(({ start, end }) => later.start < end && start < later.end),
        );
        const sound = overlaps < 0 ? segments : segments.slice(0, overlaps);
        const text = writeHead(head) + writeSegments(segments);
        expect(readJournal(text)?.segments).toEqual(sound.sort((a, b) => a.start - b.start));
      }),
    );
  });

  it('is read also of a download that took days', () => {
    const [segments, total] = [200_000, 2 ** 40];
    const head = { identity: 'i', target: '/t', part: '/p', version: { total }, startedAt: 0 };
    let text = writeHead(head);
    for (let at = 0; at < segments; at += 1) text += `[${at * 10},${at * 10 + 10},1]\n`;
    expect(readJournal(text)?.segments).toHaveLength(segments);
  });

  it.each(['', '\n', '{}\n', '[]\n', 'null\n', '{"v":2}\n'])(
    'is none if it begins with %j',
    (text) => {
      expect(readJournal(text)).toBeUndefined();
    },
  );
});

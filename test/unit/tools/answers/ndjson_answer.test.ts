import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerToFile, jsonBytes, MOST_BYTES, noteOf, sentBody } from './answer_world.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };

const ask = (chunks: Parameters<typeof sentBody>[0], view: { skip?: number; part?: string } = {}) =>
  answerToFile(sentBody(chunks, NDJSON).file, { response: 'ndjson' }, view);

/** A text in pieces of so many bytes, wherever these cut it. */
function* pieces(text: string, bytes: number) {
  const all = Buffer.from(text);
  for (let at = 0; at < all.byteLength; at += bytes) yield all.subarray(at, at + bytes);
}

describe('lines of JSON', () => {
  it.each([
    ['of its own type', NDJSON],
    ['of no type', {}],
    ['as plain text', { 'content-type': 'text/plain' }],
  ])('become a list: %s', async (_, headers) => {
    const { file } = sentBody(['{"id":1}\n\r\n{"i', 'd":2}'], headers);
    const answer = await answerToFile(file, { response: 'ndjson' });
    expect(answer).toEqual({ facts: { results: [{ id: 1 }, { id: 2 }] } });
  });

  it('may begin with a byte order mark', async () => {
    const answer = await ask(['\ufeff{"id":1}\n{"id":2}\n']);
    expect(answer).toEqual({ facts: { results: [{ id: 1 }, { id: 2 }] } });
  });

  it('are all had, once and in order, by following next', async () => {
    const line = fc.oneof(
      { weight: 5, arbitrary: fc.nat({ max: 6000 }).map((length) => 'é'.repeat(length)) },
      { weight: 1, arbitrary: fc.constant('x'.repeat(60_000)) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 30 }),
        fc.integer({ min: 100, max: 9999 }),
        async (texts, size) => {
          const body = texts.map((text, id) => `${JSON.stringify({ id, text })}\n`).join('\n');
          const ids: number[] = [];
          for (let skip: number | undefined = 0; skip !== undefined; ) {
            const answer = await ask(pieces(body, size), { skip });
            expect(jsonBytes(answer.facts)).toBeLessThanOrEqual(MOST_BYTES);
            const records = z.array(z.object({ id: z.number() })).parse(answer.facts['results']);
            ids.push(...records.map(({ id }) => id));
            skip = noteOf(answer).next?.arguments.skip;
          }
          expect(ids).toEqual(texts.map((_, id) => id));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are read no further than there is room', async () => {
    const endless = (function* () {
      for (let id = 0; ; id += 1) yield `${JSON.stringify({ id, text: 'x'.repeat(1000) })}\n`;
    })();
    const { file, sent } = sentBody(endless, NDJSON);
    const { shown, next } = noteOf(await answerToFile(file, { response: 'ndjson' }));
    expect(shown?.count).toBeGreaterThan(20);
    expect(shown?.says).toBe(`${shown?.count} lines; more may follow`);
    expect(next?.arguments.skip).toBe(shown?.count);
    expect(sent).toEqual({ read: Number(shown?.count) + 1, closed: 1 });
  });

  it('that are passed over are read for so long only', async () => {
    const endless = (function* () {
      for (;;) yield `${'1'.repeat(255)}\n`.repeat(4096);
    })();
    const { file, sent } = sentBody(endless, NDJSON);
    const answer = await answerToFile(file, { response: 'ndjson' }, { skip: 1e9 });
    expect(answer.facts['results']).toEqual([]);
    expect(noteOf(answer).says).toMatch(/longer than.*save_answer_to_path/);
    expect(noteOf(answer).next).toBeUndefined();
    expect(sent).toEqual({ read: 33, closed: 1 });
  });

  it.each([
    ['no JSON', '{"id":', 'not JSON: {"id":'],
    ['deeper than is read', '['.repeat(300) + ']'.repeat(300), 'nested too deeply'],
    ['longer than is kept', `"${'x'.repeat(1024 * 1024)}"`, 'longer than 1 MiB'],
    [
      'with a signed URL in it',
      'see https://s.example/o?X-Goog-Signature=SECRET now',
      'not JSON: see https://s.example/o now',
    ],
  ])('of which one is %s: it is told, and the others are there', async (_, line, says) => {
    const answer = await ask([`{"id":1}\n${line}\n{"id":2}\n`]);
    expect(answer.facts['results']).toEqual([{ id: 1 }, { id: 2 }]);
    expect(noteOf(answer).broken_lines).toEqual([{ line: 1, says }]);
  });

  it('that are all broken keep the bound, and go on', async () => {
    const body = '<a>\n'.repeat(5000);
    let seen = 0;
    for (let skip: number | undefined = 0; skip !== undefined; ) {
      const answer = await ask([body], { skip });
      const note = noteOf(answer);
      expect(jsonBytes(answer.facts)).toBeLessThanOrEqual(MOST_BYTES);
      expect(note.broken_lines?.[0]?.line).toBe(seen);
      seen += note.broken_lines?.length ?? 0;
      skip = seen > 100 ? undefined : note.next?.arguments.skip;
      if (skip !== undefined) expect(skip).toBe(seen);
    }
    expect(seen).toBeGreaterThan(100);
  });

  it('that break off are told with what came before', async () => {
    async function* broken() {
      yield Buffer.from('{"id":1}\n{"i');
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    }
    const answer = await ask(broken());
    expect(answer.facts['results']).toEqual([{ id: 1 }]);
    expect(noteOf(answer)).toMatchObject({
      says: expect.stringMatching(/broke off.*save_answer_to_path/),
      next: { arguments: { skip: 1 } },
    });
  });

  it('of which none came before they broke off are no answer', async () => {
    async function* broken() {
      yield Buffer.from('{"i');
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    }
    await expect(ask(broken())).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('of which one is too long can be had by its members', async () => {
    const lines = [{ id: 0 }, { id: 1, ring: Array.from({ length: 9000 }, () => 1234567) }];
    const body = lines.map((it) => `${JSON.stringify(it)}\n`).join('');
    const answer = await ask([body], { skip: 1 });
    const part = noteOf(answer).whole?.arguments.part;
    expect(part).toBe('results.1.ring');
    const ring = await ask([body], { part });
    expect(noteOf(ring).shown).toMatchObject({ from: 0, of: 9000 });
    expect((await ask([body], { part: 'results.1.id' })).facts['results']).toBe(1);
  });

  it.each([
    ['id', 'name one, e.g. results.0.geometry'],
    ['results.7.id', 'there is no such member'],
  ])('have no member %s', async (part, words) => {
    await expect(ask(['{"id":1}\n'], { part })).rejects.toThrow(words);
  });
});

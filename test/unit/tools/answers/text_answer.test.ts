import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerToFile, jsonBytes, MOST_BYTES, noteOf, sentBody } from './answer_world.ts';

const XML = { 'content-type': 'application/xml; charset=utf-8' };

describe('a text', () => {
  it.each([
    ['XML', XML, 'application/xml'],
    ['GML', { 'content-type': 'application/gml+xml' }, 'application/gml+xml'],
    ['SVG, as it is no picture to a model', { 'content-type': 'image/svg+xml' }, 'image/svg+xml'],
    ['of no stated type', {}, undefined],
  ])('is given as it is: %s', async (_, headers, media_type) => {
    const { file, sent } = sentBody(['<a>é', '</a>'], headers);
    const answer = await answerToFile(file, { response: 'xml' });
    expect(answer).toEqual({
      facts: { ...(media_type && { media_type }), text: '<a>é</a>' },
    });
    expect(sent.closed).toBe(1);
  });

  it('that is long is had whole by following next', async () => {
    const text = '<Layer name="é😀">\n'.repeat(4000);
    let read = '';
    for (let skip: number | undefined = 0; skip !== undefined; ) {
      const answer = await answerToFile(sentBody([text], XML).file, { response: 'xml' }, { skip });
      expect(jsonBytes(answer.facts)).toBeLessThanOrEqual(MOST_BYTES);
      const { shown, next } = noteOf(answer);
      expect(shown).toMatchObject({ from: read.length, of: text.length });
      read += z.string().parse(answer.facts['text']);
      skip = next?.arguments.skip;
    }
    expect(read).toBe(text);
  });

  it('of an operation that does more than read has no next', async () => {
    const { file } = sentBody(['x'.repeat(40_000)], XML);
    const note = noteOf(await answerToFile(file, { response: 'xml', effect: 'compute' }));
    expect(note.shown?.of).toBe(40_000);
    expect(note.next).toBeUndefined();
  });

  it('that never ends is read no further than 8 MiB', async () => {
    async function* endless() {
      for (;;) yield Buffer.alloc(64 * 1024, 'x');
    }
    const { file, sent } = sentBody(endless(), XML);
    const { shown } = noteOf(await answerToFile(file, { response: 'xml' }));
    expect(shown?.of).toBeUndefined();
    expect(shown?.says).toContain('of more than 8388608 characters');
    expect(sent).toEqual({ read: 129, closed: 1 });
  });

  it('has no members', async () => {
    const { file, sent } = sentBody(['<a/>'], XML);
    const answer = answerToFile(file, { response: 'xml' }, { part: 'a' });
    await expect(answer).rejects.toThrow('part: the answer is no JSON');
    expect(sent).toEqual({ read: 0, closed: 1 });
  });

  it('that breaks off is no answer', async () => {
    async function* broken() {
      yield Buffer.from('<a>');
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    }
    const { file, sent } = sentBody(broken(), XML);
    const answer = answerToFile(file, { response: 'xml' });
    await expect(answer).rejects.toMatchObject({ kind: 'unreachable' });
    expect(sent.closed).toBe(1);
  });

  it('is waited for no longer than the call', async () => {
    const stop = new AbortController();
    async function* silent() {
      yield Buffer.from('<a>');
      stop.abort(new Error('the client left'));
      await new Promise(() => undefined);
    }
    const { file, sent } = sentBody(silent(), XML);
    const answer = answerToFile(file, { response: 'xml' }, {}, { signal: stop.signal });
    await expect(answer).rejects.toThrow('the client left');
    expect(sent.closed).toBe(1);
  });
});

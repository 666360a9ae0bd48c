import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedLines } from '../../../src/transports/bounded_lines.ts';

interface Outcome {
  readonly lines: readonly string[];
  readonly dropped: readonly (string | number | null)[];
}

/** Sends text through in chunks of the given sizes (the last size repeats). */
async function through(text: string, maxBytes: number, sizes: readonly number[]): Promise<Outcome> {
  const dropped: (string | number | null)[] = [];
  const stream = new BoundedLines(maxBytes, (id) => dropped.push(id));
  const bytes = Buffer.from(text);
  for (let from = 0, i = 0; from < bytes.length; i += 1) {
    const size = sizes[Math.min(i, sizes.length - 1)] ?? bytes.length;
    stream.write(bytes.subarray(from, from + size));
    from += size;
  }
  stream.end();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString('utf8').split('\n').slice(0, -1);
  return { lines, dropped };
}

const chunkSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const textLine = fc.string({ unit: 'grapheme', maxLength: 30 }).map((it) => it.replace(/\n/g, ' '));

describe('lines within the bound', () => {
  it('come out as they went in, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(textLine), chunkSizes, async (lines, sizes) => {
        const text = lines.map((line) => `${line}\n`).join('');
        expect(await through(text, 10_000, sizes)).toEqual({ lines, dropped: [] });
      }),
    );
  });

  it('come out whole between lines that are dropped, however they are cut', async () => {
    const short = fc.constantFrom('{}', '{"id":1}', '', 'é€😀');
    const long = fc.constant('x'.repeat(50));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(short, long)), chunkSizes, async (lines, sizes) => {
        const outcome = await through(lines.map((line) => `${line}\n`).join(''), 20, sizes);
        expect(outcome.lines).toEqual(lines.filter((line) => line.length < 50));
        expect(outcome.dropped).toHaveLength(lines.filter((line) => line.length === 50).length);
      }),
    );
  });

  it('may have as many bytes as the bound, the newline counted', async () => {
    const outcome = await through('123456789\n1234567890\n', 10, [3]);
    expect(outcome).toEqual({ lines: ['123456789'], dropped: [null] });
  });

  it('are counted in bytes, not in characters', async () => {
    expect(await through('€€€€\n', 10, [100])).toEqual({ lines: [], dropped: [null] });
  });

  it('are held back until they end: a last line without a newline is none', async () => {
    expect(await through('{"id":1}\n{"id":2}', 100, [5])).toEqual({
      lines: ['{"id":1}'],
      dropped: [],
    });
  });
});

/** More than an edge on either side, so that what is in the middle is truly out of sight. */
const FILL = 'x'.repeat(20_000);
/** As a pipe delivers it: many chunks before the bound is reached. */
const asPiped = [1000];

describe('the id of a dropped request', () => {
  it.each<[string, string, string | number | null]>([
    ['at the head', `{"id":7,"method":"m","params":{"a":"${FILL}"}}`, 7],
    ['after jsonrpc', `{"jsonrpc":"2.0","id":7,"params":{"a":"${FILL}"}}`, 7],
    ['with space around it', ` { "jsonrpc" : "2.0" , "id" : 7 , "params":{"a":"${FILL}"}}`, 7],
    ['last of all', `{"jsonrpc":"2.0","method":"m","params":{"a":"${FILL}"},"id":7}`, 7],
    ['last but jsonrpc', `{"method":"m","params":{"a":"${FILL}"},"id":7,"jsonrpc":"2.0"}`, 7],
    ['last, before a carriage return', `{"params":{"a":"${FILL}"},"id":7}\r`, 7],
    ['zero', `{"id":0,"params":"${FILL}"}`, 0],
    ['negative', `{"id":-3,"params":"${FILL}"}`, -3],
    ['a string', `{"id":"req-7","params":"${FILL}"}`, 'req-7'],
    ['an empty string', `{"id":"","params":"${FILL}"}`, ''],
    ['a string with escapes', `{"id":"a\\"b\\\\c\\u00e9\\n","params":"${FILL}"}`, 'a"b\\cé\n'],
    ['a string with escapes, last', `{"params":"${FILL}","id":"a\\"}b"}`, 'a"}b'],
    ['a string that looks like an end', `{"id":"\\"id\\":9}","params":"${FILL}"}`, '"id":9}'],
    ['none: a notification', `{"jsonrpc":"2.0","method":"m","params":{"a":"${FILL}"}}`, null],
    ['null', `{"id":null,"params":"${FILL}"}`, null],
    ['one inside params, first', `{"params":{"id":9,"a":"${FILL}"}}`, null],
    ['one inside params, last', `{"method":"m","params":{"a":"${FILL}","id":9}}`, null],
    ['one inside a list', `{"method":"m","params":[{"a":"${FILL}","id":9}]}`, null],
    ['one inside a string', `{"method":"m","params":"${FILL}\\"id\\":9}"}`, null],
    ['one in the middle', `{"a":"${FILL}","id":7,"b":"${FILL}"}`, null],
    ['a list of requests', `[{"id":7,"params":"${FILL}"}]`, null],
    ['no JSON at all', FILL, null],
    ['longer than any sensible id', `{"id":"${'i'.repeat(300)}","params":"${FILL}"}`, null],
  ])('%s', async (_, line, id) => {
    expect(await through(`${line}\n`, 10_000, asPiped)).toEqual({ lines: [], dropped: [id] });
  });

  it('is told for each of several, and the lines between pass', async () => {
    const long = (id: number) => `{"id":${id},"params":"${FILL}"}\n`;
    const outcome = await through(`${long(1)}{"id":2}\n${long(3)}`, 10_000, asPiped);
    expect(outcome).toEqual({ lines: ['{"id":2}'], dropped: [1, 3] });
  });

  it('is not taken from the line before', async () => {
    const first = `{"params":"${'x'.repeat(19_979)}","id":7}\n`;
    const second = `{"method":"${'m'.repeat(9_987)}"}`;
    expect([first.length, second.length]).toEqual([20_000, 10_000]);
    const outcome = await through(`${first}${second}\n`, 10_000, asPiped);
    expect(outcome.dropped).toEqual([7, null]);
  });
});

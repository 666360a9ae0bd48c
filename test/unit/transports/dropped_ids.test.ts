import { describe, expect, it } from 'vitest';
import { BoundedLines } from '../../../src/transports/bounded_lines.ts';

async function dropped(text: string, maxBytes: number, size: number) {
  const ids: (string | number | null)[] = [];
  const stream = new BoundedLines(maxBytes, (id) => ids.push(id));
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size)
    stream.write(bytes.subarray(from, from + size));
  stream.end();
  stream.resume();
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  return ids;
}

const FILL = 'x'.repeat(20_000);

describe('the id of a dropped request', () => {
  it('at the head is found in one big chunk', async () => {
    expect(await dropped(`{"id":7,"params":"${FILL}"}\n`, 10_000, 1_000_000)).toEqual([7]);
  });

  it('at the end is found where the bound is met by the last chunk', async () => {
    const line = `{"params":"${'x'.repeat(100)}","id":7}\n`;
    expect(await dropped(line, line.length - 1, line.length - 2)).toEqual([7]);
  });

  it('that no JSON reads does not end the server', async () => {
    expect(await dropped(`{"id":"\\x","params":"${FILL}"}\n`, 10_000, 1000)).toEqual([null]);
    expect(await dropped(`{"id":"a\tb","params":"${FILL}"}\n`, 10_000, 1000)).toEqual([null]);
  });

  it.each(['1.5', '12345678901234567', '1e3'])(
    '%s is not taken for a part of itself',
    async (id) => {
      const [answered] = await dropped(`{"id":${id},"params":"${FILL}"}\n`, 10_000, 1000);
      expect([null, Number(id)]).toContain(answered);
    },
  );
});

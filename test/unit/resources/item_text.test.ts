import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { itemText } from '../../../src/resources/item_text.ts';

const shown = z.object({
  item: z.record(z.unknown()),
  assets: z.array(z.record(z.unknown())),
  left_out: z.string().optional(),
});
const read = (text: string) => shown.parse(JSON.parse(text));

describe('the text of an item', () => {
  it('is all of a small one', () => {
    const item = { id: 'a', bbox: [1, 2, 3, 4], name: null };
    const assets = [{ key: 'visual' }, { key: 'red' }];
    expect(JSON.parse(itemText(item, assets))).toEqual({ item, assets });
  });

  it('leaves out the largest members and the last assets, and says so', () => {
    const item = { geometry: 'x'.repeat(200_000), id: 'a' };
    const assets = Array.from({ length: 100 }, (_, index) => ({ index, title: 'x'.repeat(5_000) }));
    const it = read(itemText(item, assets));
    expect(it.item).toEqual({ id: 'a' });
    expect(it.assets).toEqual(assets.slice(0, it.assets.length));
    expect(it.left_out).toBe(
      `Too large to show: 1 of 2 members of the item (items.get has them), ${100 - it.assets.length} of 100 assets (items.list_assets has them).`,
    );
  });

  it('is JSON of bounded length, whatever they say', () => {
    const member = fc
      .tuple(fc.string(), fc.nat(300_000))
      .map(([text, times]) => text.repeat(times));
    const bounded = fc.array(
      member.map((text) => text.slice(0, 150_000)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(bounded, bounded, (members, titles) => {
        const item = Object.fromEntries(members.map((text, index) => [`m${index}`, text]));
        const text = itemText(
          item,
          titles.map((title) => ({ title })),
        );
        expect(text.length).toBeLessThan(200_500);
        const whole = Object.keys(item).length + titles.length;
        const it = read(text);
        const kept = Object.keys(it.item).length + it.assets.length;
        expect(it.left_out === undefined).toBe(kept === whole);
      }),
      { numRuns: 30 },
    );
  });
});

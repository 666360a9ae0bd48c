import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offsetPage, sizedPage, sorted } from '../../../src/sandbox/pages.ts';

const entries = fc.array(fc.nat());

describe('pages', () => {
  it('by limit and offset put together are the whole', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 7 }), (all, limit) => {
        const pages = [];
        for (let offset = 0; offset < all.length; offset += limit) {
          pages.push(...offsetPage(all, { limit, offset }));
        }
        expect(pages).toEqual(all);
      }),
    );
  });

  it('of a size put together are the whole, and the last says so', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 7 }), (all, size) => {
        const pages = [];
        let page = sizedPage(all, { page: 0, size });
        pages.push(...page.content);
        while (!page.last) {
          page = sizedPage(all, { page: page.number + 1, size });
          pages.push(...page.content);
        }
        expect(pages).toEqual(all);
        expect(page.totalElements).toBe(all.length);
        expect(page.totalPages).toBe(Math.ceil(all.length / size));
      }),
    );
  });

  it.each([
    ['n,asc', [1, 2, 10]],
    ['n,desc', [10, 2, 1]],
    ['n', [1, 2, 10]],
    ['nothing,desc', [2, 10, 1]],
  ])('sorted by %s are %j', (order, numbers) => {
    const all = [{ n: 2 }, { n: 10 }, { n: 1 }];
    expect(sorted(all, order).map(({ n }) => n)).toEqual(numbers);
  });

  it.each([
    [{ limit: -1, offset: 0 }, []],
    [{ limit: 5, offset: -3 }, [1, 2]],
    [{ limit: 5, offset: 9 }, []],
  ])('%j are %j', (window, page) => {
    expect(offsetPage([1, 2], window)).toEqual(page);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { geoperaUris } from '../../../src/resources/geopera_uri.ts';

const uris = geoperaUris('items', 'item_id');

it('finds the id that a URI was made of', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }), (id) => {
      expect(uris.idIn(uris.of(id))).toBe(id);
    }),
  );
});

it.each([
  ['another kind', 'geopera://transfers/a'],
  ['no id', 'geopera://items/'],
  ['a path', 'geopera://items/a/b'],
  ['a query', 'geopera://items/a?b'],
  ['a fragment', 'geopera://items/a#b'],
  ['broken escapes', 'geopera://items/%E0%A4%A'],
  ['an id beyond any', `geopera://items/${'a'.repeat(201)}`],
])('finds none in a URI with %s', (_, uri) => {
  expect(uris.idIn(uri)).toBeUndefined();
});

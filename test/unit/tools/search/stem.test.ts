import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stemOf } from '../../../../src/tools/search/stem.ts';
import { wordsOf } from '../../../../src/tools/search/words.ts';

describe('forms of one word', () => {
  it.each([
    ['clip clips clipped clipping'],
    ['create creates created creating creation'],
    ['order orders ordered ordering'],
    ['render renders rendered rendering'],
    ['copy copies copied copying'],
    ['bill bills billed billing'],
    ['box boxes'],
    ['process processes processed processing'],
    ['address addresses'],
    ['validate validated validation'],
    ['visualize visualise visualized visualising visualization visualisation'],
    ['analysis analyses analyse analyze'],
    ['automatic automatically'],
    ['green greenness'],
    ['index indices indexes'],
    ['licence license licences licensed'],
    ['colour colours color colors'],
    ['buy buys bought'],
    ['send sent'],
    ['use used using uses'],
  ])('have one stem: %s', (forms) => {
    expect(new Set(forms.split(' ').map(stemOf)).size).toBe(1);
  });

  it.each([
    ['item items_'],
    ['state statement'],
    ['own owner'],
    ['region regard'],
    ['status state'],
    ['access accent'],
  ])('are not taken for another word: %s', (words) => {
    expect(new Set(words.split(' ').map(stemOf)).size).toBe(2);
  });

  it('never throw, and never become nothing', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), (word) => stemOf(word) !== ''));
  });
});

describe('the words of a text', () => {
  it.each([
    ['dataProduct', ['data', 'product', 'dataproduct']],
    ['items.get_stac', ['items', 'get', 'stac']],
    ['eo:cloud_cover < 20', ['eo', 'cloud', 'cover']],
    ['Café, ÜBER', ['cafe', 'uber']],
    ['see https://a.example/b?c=d now', ['see', 'url', 'now']],
    ['12/3754/2480', []],
    ['', []],
  ])('of %j are %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});

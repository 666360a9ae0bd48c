import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../../src/geopera/plain_text.ts';

describe('words of the API', () => {
  it('hold no part of a key, whatever it is made of and wherever it stands', () => {
    const secret = fc.stringMatching(/^[\w-]{12,60}$/);
    const around = fc.constantFrom('', ' ', '"', "'", '. ', '\n', '(');
    fc.assert(
      fc.property(secret, around, around, (rest, before, after) => {
        const shown = plainText(`key ${before}gpra_${rest}${after} is wrong`);
        expect(shown).toContain('gpra_…');
        for (let at = 0; at + 8 <= rest.length; at += 1) {
          expect(shown).not.toContain(rest.slice(at, at + 8));
        }
        expect(shown).toMatch(/is wrong$/);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealedEntries } from '../../../../../src/transports/http/events/sealed_entries.ts';

const text = fc.string({ unit: 'grapheme' });

describe('sealed texts', () => {
  it('open for whoever knows the session, at their place', () => {
    fc.assert(
      fc.property(fc.uuid(), text, text, (session, said, place) => {
        const sealed = new SealedEntries(session).seal(said, place);
        expect(new SealedEntries(session).open(sealed, place)).toBe(said);
      }),
    );
  });

  it('open for no other session, and at no other place', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), text, text, text, (one, other, said, place, elsewhere) => {
        fc.pre(one !== other && place !== elsewhere);
        const sealed = new SealedEntries(one).seal(said, place);
        expect(new SealedEntries(other).open(sealed, place)).toBeUndefined();
        expect(new SealedEntries(one).open(sealed, elsewhere)).toBeUndefined();
      }),
    );
  });

  it('do not open with any bit changed, or cut anywhere', () => {
    const entries = new SealedEntries('session');
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(7), (said, at, bit) => {
        const bytes = Buffer.from(entries.seal(said, 'place'), 'base64');
        const changed = Buffer.from(bytes);
        const index = at % bytes.length;
        changed.writeUInt8(bytes.readUInt8(index) ^ (1 << bit), index);
        expect(entries.open(changed.toString('base64'), 'place')).toBeUndefined();
        expect(entries.open(bytes.toString('base64', 0, index), 'place')).toBeUndefined();
      }),
    );
  });

  it('are refused without an error, whatever stands there', () => {
    const entries = new SealedEntries('session');
    fc.assert(
      fc.property(fc.string(), (anything) => {
        expect(entries.open(anything, 'place')).toBeUndefined();
      }),
    );
  });

  it('are never the same twice', () => {
    const entries = new SealedEntries('session');
    expect(entries.seal('said', 'place')).not.toBe(entries.seal('said', 'place'));
  });
});

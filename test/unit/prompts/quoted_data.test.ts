import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quotedData } from '../../../src/prompts/quoted_data.ts';

it('is one line in plain sight that says the same, whatever it is made of', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('path', 'area'), text), (data) => {
      const quoted = quotedData(data);
      expect(JSON.parse(quoted)).toEqual({ ...data });
      expect(quoted).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});

it('escapes what turns a line around or ends it', () => {
  expect(quotedData({ path: 'a\u202e\u2028\n"\u{e0041}' })).toBe(
    '{"path":"a\\u202e\\u2028\\n\\"\\udb40\\udc41"}',
  );
});

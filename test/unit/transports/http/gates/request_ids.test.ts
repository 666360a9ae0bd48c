import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newRequestId, requestId } from '../../../../../src/transports/http/gates/request_ids.ts';

it.each(['a', 'A-b_c.9', 'x'.repeat(64)])('takes the id of the caller: %s', (id) => {
  expect(requestId(id)).toBe(id);
});

it.each([undefined, '', 'x'.repeat(65), 'a b', 'a\r\nSet-Cookie: b', 'ä', 'a, b', ['a', 'b']])(
  'makes one instead of %j',
  (id) => {
    expect(requestId(id)).toMatch(/^[A-Za-z0-9_-]{16}$/);
  },
);

it('is fit for a header and a log line, whatever came', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      expect(requestId(id)).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
    }),
  );
});

it('makes another one each time', () => {
  expect(newRequestId()).not.toBe(newRequestId());
});

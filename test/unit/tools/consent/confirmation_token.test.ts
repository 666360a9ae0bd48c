import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONFIRMATION_SECONDS,
  type ConfirmedAct,
  confirmationId,
  digestOf,
  signConfirmation,
} from '../../../../src/tools/consent/confirmation_token.ts';

const key = randomBytes(32);
const NOW = Date.UTC(2026, 0, 1);

const act: ConfirmedAct = {
  operationId: 'collections.delete',
  input: { project_id: 'p', collection_id: 'c' },
  owner: 'ana',
};
const id = randomUUID();
const token = signConfirmation(act, id, key, NOW);

const json = () => fc.jsonValue({ maxDepth: 3 });
const input = () => fc.dictionary(fc.string(), json(), { maxKeys: 6 });

/** The same members in another order, at every depth. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, it]) => [name, reordered(it)] as const);
  return Object.fromEntries(members.reverse());
}

describe('a confirmation', () => {
  it('is of the act that it was signed for, in whatever order its members come', () => {
    fc.assert(
      fc.property(input(), (given) => {
        const signed = signConfirmation({ ...act, input: given }, id, key, NOW);
        const brought = { ...act, input: Object(reordered(given)) };
        expect(confirmationId(signed, brought, key, NOW)).toBe(id);
      }),
    );
  });

  it('fits into the argument that takes it', () => {
    expect(token.length).toBeLessThanOrEqual(200);
  });

  it('says nothing of the act', () => {
    for (const word of ['collections', 'ana', Buffer.from('ana').toString('base64url')]) {
      expect(token).not.toContain(word);
    }
  });

  it('lasts as long as it says, and no longer', () => {
    const end = NOW + CONFIRMATION_SECONDS * 1000;
    expect(confirmationId(token, act, key, end - 1)).toBe(id);
    expect(confirmationId(token, act, key, end)).toBeUndefined();
    expect(confirmationId(token, act, key, end + 24 * 60 * 60 * 1000)).toBeUndefined();
  });

  it.each<[string, Partial<ConfirmedAct>]>([
    ['operation', { operationId: 'collections.deletes' }],
    ['owner', { owner: 'bob' }],
    ['argument', { input: { project_id: 'p', collection_id: 'd' } }],
    ['number of arguments', { input: { project_id: 'p', collection_id: 'c', more: 1 } }],
    ['arguments, which are fewer', { input: { project_id: 'p' } }],
    ['arguments, whose values changed places', { input: { project_id: 'c', collection_id: 'p' } }],
    ['type of an argument', { input: { project_id: 'p', collection_id: ['c'] } }],
  ])('does not count for another %s', (_, other) => {
    expect(confirmationId(token, { ...act, ...other }, key, NOW)).toBeUndefined();
  });

  it('does not count for another input, however alike', () => {
    fc.assert(
      fc.property(input(), input(), (one, other) => {
        fc.pre(digestOf(one) !== digestOf(other));
        const signed = signConfirmation({ ...act, input: one }, id, key, NOW);
        expect(confirmationId(signed, { ...act, input: other }, key, NOW)).toBeUndefined();
      }),
    );
  });

  it('does not let the parts of an act run into each other', () => {
    const one = { operationId: 'a', owner: 'b","c', input: {} };
    const other = { operationId: 'c","a', owner: 'b', input: {} };
    const signed = signConfirmation(one, id, key, NOW);
    expect(confirmationId(signed, other, key, NOW)).toBeUndefined();
  });

  it('does not count under another key', () => {
    expect(confirmationId(token, act, randomBytes(32), NOW)).toBeUndefined();
  });

  it('does not count with another time, or another id', () => {
    const [, expires = '', signed = ''] = token.split('.');
    const later = (Number.parseInt(expires, 36) + 60).toString(36);
    for (const forged of [`${id}.${later}.${signed}`, `${randomUUID()}.${expires}.${signed}`]) {
      expect(confirmationId(forged, act, key, NOW)).toBeUndefined();
    }
  });

  it('does not count if a character of it was changed, taken out or put in', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: token.length }),
        fc.nat({ max: 1 }),
        fc.string({ maxLength: 2 }),
        (at, out, instead) => {
          const forged = token.slice(0, at) + instead + token.slice(at + out);
          fc.pre(forged !== token);
          expect(confirmationId(forged, act, key, NOW)).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('does not count if it was cut', () => {
    for (let length = 0; length < token.length; length += 1) {
      expect(confirmationId(token.slice(0, length), act, key, NOW)).toBeUndefined();
    }
  });

  it('is never found in what somebody made up', () => {
    const parts = [fc.uuid(), fc.stringMatching(/^[0-9a-z]{1,11}$/), fc.base64String()] as const;
    const alike = fc.tuple(...parts).map((it) => it.join('.'));
    fc.assert(
      fc.property(fc.oneof(alike, fc.string()), (forged) => {
        expect(confirmationId(forged, act, key, NOW)).toBeUndefined();
      }),
    );
  });
});

describe('the digest of an input', () => {
  it('is the same for what is the same as JSON, and for nothing else', () => {
    fc.assert(
      fc.property(json(), json(), (one, other) => {
        const sent = [one, other].map((it) => JSON.parse(JSON.stringify(it)));
        expect(sent.map(digestOf)).toEqual([digestOf(one), digestOf(other)]);
        expect(digestOf(one) === digestOf(other)).toBe(isDeepStrictEqual(sent[0], sent[1]));
      }),
    );
  });

  it.each<[string, unknown, unknown]>([
    ['an absent member', { a: 1, b: undefined }, { a: 1 }],
    ['zero of either sign', { a: -0 }, { a: 0 }],
  ])('makes nothing of %s', (_, one, other) => {
    expect(digestOf(one)).toBe(digestOf(other));
  });

  it.each<[string, unknown, unknown]>([
    ['null and nothing', { a: null }, {}],
    ['a text and a number', { a: '1' }, { a: 1 }],
    ['a list and an object', { a: ['x'] }, { a: { 0: 'x' } }],
    ['the order of a list', [1, 2], [2, 1]],
    ['members that look like one', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
  ])('tells apart %s', (_, one, other) => {
    expect(digestOf(one)).not.toBe(digestOf(other));
  });
});

import { describe, expect, it } from 'vitest';
import { recordsIn, stringField } from '../../../src/workflows/listings.ts';

const a = { id: 'a' };
const b = { id: 'b', key: 'own' };

describe('the records of a list answer', () => {
  it.each<[string, unknown, unknown]>([
    ['a bare array', [a, b], [a, b]],
    ['an empty array', [], []],
    ['an array under a key', { items: [a], total: 1 }, [a]],
    ['the first key that holds one', { results: [b], items: [a] }, [a]],
    ['a later key where the first holds none', { items: null, results: [b] }, [b]],
    ['a map, by its keys', { items: { visual: a } }, [{ key: 'visual', id: 'a' }]],
    ['a map whose record has a key of its own', { items: { visual: b } }, [b]],
    ['an empty map', { items: {} }, []],
    ['an object under other keys', { data: [a] }, []],
    ['an array of strings', ['a', 'b'], []],
    ['an array of strings under a key', { items: ['a'] }, []],
    ['null', null, []],
    ['nothing', undefined, []],
    ['a string', 'items', []],
  ])('%s', (_, answer, records) => {
    expect(recordsIn(answer, ['items', 'results'])).toEqual(records);
  });
});

describe('a field of a record', () => {
  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['the first name', { id: 'x', asset_id: 'y' }, 'x'],
    ['the second where the first is absent', { asset_id: 'y' }, 'y'],
    ['the second where the first is empty', { id: '', asset_id: 'y' }, 'y'],
    ['the second where the first is no text', { id: 7, asset_id: 'y' }, 'y'],
    ['none', { name: 'z' }, undefined],
  ])('%s', (_, record, value) => {
    expect(stringField(record, 'id', 'asset_id')).toBe(value);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Effect } from '../../../../src/operations/operation.ts';
import { InvalidArguments } from '../../../../src/tools/arguments.ts';
import { answerFrom, answerTo, jsonBytes, MOST_BYTES, noteOf, operation } from './answer_world.ts';

const long = (chars: number) => 'x'.repeat(chars);
const rings = (points: number) => [Array.from({ length: points }, (_, at) => [at, -at])];

describe('an answer that is short enough', () => {
  it.each<[string, unknown, unknown]>([
    ['an object as it is', { id: 'i', list: [1] }, { id: 'i', list: [1] }],
    ['a list under results', [{ id: 'i' }], { results: [{ id: 'i' }] }],
    ['a bare value under results', 'done', { results: 'done' }],
    ['nothing as null', undefined, { results: null }],
    ['an empty object', {}, {}],
  ])('is given whole: %s', async (_, value, facts) => {
    expect(await answerTo(value)).toEqual({ facts });
  });

  it('is whole up to 32,000 bytes, and cut from there', async () => {
    const room = MOST_BYTES - jsonBytes({ text: '' });
    expect(noteOf(await answerTo({ text: long(room) }))).toEqual({});
    const { left_out } = noteOf(await answerTo({ text: long(room + 1) }));
    expect(left_out).toEqual([{ member: 'text', bytes: room + 3 }]);
  });
});

describe('a long list', () => {
  const records = Array.from({ length: 40 }, (_, id) => ({ id, text: long(1000) }));

  it('is cut at a record, with N of M and the next call, before all else', async () => {
    const { facts } = await answerTo({ page: 'p', results: records });
    expect(Object.keys(facts)[0]).toBe('geopera_mcp');
    const { shown, next } = noteOf({ facts });
    expect(shown).toEqual({ from: 0, count: 30, of: 40, says: '30 of 40 records of this answer' });
    expect(next?.arguments).toEqual({ operation: 'things.get', arguments: {}, skip: 30 });
    expect(facts).toMatchObject({ page: 'p', results: records.slice(0, 30) });
  });

  it('has the total that the answer states as M', async () => {
    const input = { limit: z.number().default(40), offset: z.number().default(80) };
    const value = { features: records, numberMatched: 400 };
    const answer = await answerFrom({ call: async () => value }, operation({}, input));
    const { shown, next } = noteOf(answer);
    expect(shown).toEqual({ from: 80, count: 30, of: 400, says: '30 of 400 records' });
    expect(next?.arguments).toEqual({
      operation: 'things.get',
      arguments: { limit: 40, offset: 110 },
    });
  });

  it('passes over records, and over no more than there are', async () => {
    const some = await answerTo(records, { skip: 38 });
    expect(some.facts['results']).toEqual(records.slice(38));
    expect(noteOf(some)).toEqual({
      shown: { from: 38, count: 2, of: 40, says: '2 of 40 records of this answer' },
    });
    const none = await answerTo(records, { skip: 99 });
    expect(none.facts['results']).toEqual([]);
    expect(noteOf(none).next).toBeUndefined();
  });

  it.each<[Effect, string]>([
    ['compute', '10 more records'],
    ['share_export', '10 more records'],
    ['external_spend', '10 more records'],
    ['destructive', '10 more records'],
  ])('of an operation that does more than read (%s) has no next call', async (effect, says) => {
    const note = noteOf(await answerTo(records, {}, { effect }));
    expect(note.next).toBeUndefined();
    expect(note.left_out).toEqual([{ says, bytes: expect.any(Number) }]);
  });

  it('does not repeat long arguments', async () => {
    const input = {
      area: z.string(),
      limit: z.number().default(40),
      offset: z.number().default(0),
    };
    const body = { area: long(5000) };
    const answer = await answerFrom({ call: async () => records }, operation({}, input), { body });
    expect(noteOf(answer).next).toMatchObject({
      arguments: { operation: 'things.get', arguments: { offset: 30 } },
      says: expect.stringContaining('same arguments'),
    });
  });

  it('that goes on by a token is asked for with as many records as fit', async () => {
    const asked: unknown[] = [];
    const input = { limit: z.number().default(40), next: z.string().optional() };
    const call = async (_: string, sent: unknown) => {
      asked.push(sent);
      const { limit } = z.object({ limit: z.number() }).parse(sent);
      return { features: records.slice(0, limit), next: `after ${limit}` };
    };
    const answer = await answerFrom({ call }, operation({}, input));
    expect(asked).toEqual([{ limit: 40 }, { limit: 30 }]);
    expect(answer.facts['features']).toEqual(records.slice(0, 30));
    expect(noteOf(answer).next?.arguments.arguments).toEqual({ limit: 30, next: 'after 30' });
  });

  it('that is empty is the last, even with a token', async () => {
    const input = { limit: z.number().default(40), next: z.string().optional() };
    const call = async () => ({ features: [], next: 'on and on' });
    expect(noteOf(await answerFrom({ call }, operation({}, input))).next).toBeUndefined();
  });

  it('that goes on by a token is not asked for twice where that does more than read', async () => {
    const input = { limit: z.number().default(40), next: z.string().optional() };
    let calls = 0;
    const call = async () => {
      calls += 1;
      return { features: records, next: 't' };
    };
    await answerFrom({ call }, operation({ effect: 'compute' }, input));
    expect(calls).toBe(1);
  });
});

describe('the list of an answer', () => {
  const records = Array.from({ length: 50 }, (_, id) => ({ id, text: long(900) }));
  const few = [{ id: 1 }];

  it.each<[string, Record<string, unknown>]>([
    ['has one of the usual names', { features: records, links: few }],
    ['is the longest', { strange: records, others: few }],
    ['is a member of a member', { data: { found: records }, links: few }],
    ['may be of texts', { names: Array.from({ length: 5000 }, (_, at) => `name ${at}`) }],
  ])('%s', async (_, value) => {
    const note = noteOf(await answerTo(value));
    expect(note.shown?.count).toBeGreaterThan(20);
    expect(note.next?.arguments.skip).toBe(note.shown?.count);
    expect(note.left_out).toBeUndefined();
  });

  it('is no list of coordinates', async () => {
    const note = noteOf(await answerTo({ type: 'Polygon', coordinates: rings(5000) }));
    expect(note.shown).toBeUndefined();
    expect(note.left_out).toEqual([{ member: 'coordinates', bytes: expect.any(Number) }]);
  });

  it('stays where all around it is too long', async () => {
    const value = { features: records.slice(0, 5), legend: long(50_000) };
    const answer = await answerTo(value);
    expect(answer.facts['features']).toEqual(value.features);
    expect(noteOf(answer).left_out).toEqual([{ member: 'legend', bytes: 50_002 }]);
  });
});

describe('a record that is too long', () => {
  const feature = {
    type: 'Feature',
    id: 'f',
    geometry: { type: 'Polygon', coordinates: rings(6017) },
    properties: { title: 't' },
  };

  it('is shown without its largest members, and the call for them is said', async () => {
    const answer = await answerTo({ features: [{ id: 'e' }, feature] }, { skip: 1 });
    const { geometry, ...rest } = feature;
    expect(answer.facts['features']).toEqual([
      {
        ...rest,
        geometry: {
          type: 'Polygon',
          coordinates: expect.stringMatching(/^\[left out: 12,034 values, [\d.]+ kB\]$/),
        },
      },
    ]);
    const { left_out, whole } = noteOf(answer);
    const member = 'features.1.geometry.coordinates';
    expect(left_out).toEqual([{ member, bytes: jsonBytes(geometry.coordinates) }]);
    expect(whole?.arguments).toEqual({ operation: 'things.get', arguments: {}, part: member });
  });

  it('can be had member by member, by following what the answers say', async () => {
    const value = { features: [feature] };
    const first = await answerTo(value);
    const ring = await answerTo(value, { part: noteOf(first).whole?.arguments.part });
    const part = noteOf(ring).whole?.arguments.part;
    expect(part).toBe('features.0.geometry.coordinates.0');
    const points: unknown[] = [];
    for (let skip: number | undefined = 0; skip !== undefined; ) {
      const answer = await answerTo(value, { part, skip });
      points.push(...z.array(z.unknown()).parse(answer.facts['results']));
      const next = noteOf(answer).next?.arguments;
      expect(next?.part).toBe(next && part);
      skip = next?.skip;
    }
    expect(points).toEqual(feature.geometry.coordinates[0]);
  });

  it('keeps the bound whatever it is made of, and loses no member without a word', async () => {
    const anything = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.string({ maxLength: 400 }),
        fc.integer({ min: 1, max: 40_000 }).map((length) => 'é'.repeat(length)),
        fc.array(tie('value'), { maxLength: 30 }),
        fc.dictionary(fc.string({ maxLength: 300 }), tie('value'), { maxKeys: 30 }),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(anything, fc.integer({ min: 1, max: 4000 }), async (value, times) => {
        for (const it of [
          value,
          { value },
          [{ value }],
          Object.fromEntries(Array.from({ length: times }, (_, at) => [`k${at}`, at])),
        ]) {
          const answer = await answerTo(it);
          expect(jsonBytes(answer.facts)).toBeLessThanOrEqual(MOST_BYTES);
          const { left_out, shown } = noteOf(answer);
          const isWhole = left_out === undefined && shown === undefined;
          if (!isWhole) expect(jsonBytes(it)).toBeGreaterThan(MOST_BYTES / 2);
          else expect(jsonBytes(answer.facts)).toBeGreaterThanOrEqual(jsonBytes(it ?? null));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a member alone', () => {
  const value = { id: 'i', geometry: { type: 'Point', coordinates: [1, 2] }, 'a.b': { c: 3 } };

  it.each<[string, unknown]>([
    ['id', { results: 'i' }],
    ['geometry', { type: 'Point', coordinates: [1, 2] }],
    ['geometry.coordinates.1', { results: 2 }],
    ['a.b.c', { results: 3 }],
  ])('%s', async (part, facts) => {
    const answer = await answerTo(value, { part });
    const { geopera_mcp, ...rest } = answer.facts;
    expect(geopera_mcp).toMatchObject({ part });
    expect(rest).toEqual(facts);
  });

  it('of a bare list is named as it is shown', async () => {
    expect((await answerTo([{ id: 'i' }], { part: 'results.0.id' })).facts['results']).toBe('i');
  });

  it.each([
    ['nothing', 'part: there is no such member; the answer has: id, geometry, a.b'],
    ['geometry.shape', 'part: there is no such member; geometry has: type, coordinates'],
    [
      'geometry.coordinates.2',
      'part: there is no such member; geometry.coordinates is a list of 2',
    ],
    ['id.x', 'part: there is no such member; id has no members'],
    ['toString', 'part: there is no such member; the answer has: id, geometry, a.b'],
  ])('that is not there (%s) is refused with those that are', async (part, fault) => {
    const failure: unknown = await answerTo(value, { part }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidArguments);
    expect(failure).toMatchObject({ tool: 'call_read_operation', faults: [fault] });
  });

  it('that is a long text is cut between characters', async () => {
    const text = `a${'😀'.repeat(20_000)}`;
    let read = '';
    for (let skip: number | undefined = 0; skip !== undefined; ) {
      const answer = await answerTo({ text }, { part: 'text', skip });
      expect(jsonBytes(answer.facts)).toBeLessThanOrEqual(MOST_BYTES);
      read += z.string().parse(answer.facts['results']);
      skip = noteOf(answer).next?.arguments.skip;
    }
    expect(read).toBe(text);
  });
});

describe('what no answer can be', () => {
  it('deeper than can be written is refused as an answer of another kind', async () => {
    const deep = JSON.parse(`${'['.repeat(4000)}${']'.repeat(4000)}`);
    await expect(answerTo(deep)).rejects.toMatchObject({ kind: 'unexpected_answer' });
  });

  it('records to pass over where there is no list', async () => {
    await expect(answerTo({ id: 'i' }, { skip: 1 })).rejects.toThrow(
      'skip: the answer has no list',
    );
  });
});

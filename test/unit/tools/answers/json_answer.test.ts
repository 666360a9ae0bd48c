import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InvalidArguments } from '../../../../src/tools/arguments.ts';
import { answerTo, answerToFile, jsonBytes, MOST_BYTES, noteOf } from './answer_world.ts';

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

  it.each([
    ['compute', 'image', /save_answer_to_path/],
    ['compute', 'json', undefined],
    ['external_spend', 'json', undefined],
  ] as const)(
    'of an operation that does more than read (%s, %s) may be saved if it is called for that',
    async (effect, response, says) => {
      const value = { report: Array.from({ length: 9000 }, () => [1, 2]) };
      const record = { effect, response };
      const answer =
        response === 'json'
          ? await answerTo(value, {}, record)
          : await answerToFile({ kind: 'json', value }, record);
      const note = noteOf(answer);
      expect(note.left_out).toHaveLength(1);
      expect(note.whole).toBeUndefined();
      if (says === undefined) expect(note.says).toBeUndefined();
      else expect(note.says).toMatch(says);
    },
  );

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

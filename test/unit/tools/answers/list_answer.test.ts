import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GeoperaError } from '../../../../src/geopera/geopera_error.ts';
import type { Effect } from '../../../../src/operations/operation.ts';
import { answerFrom, answerTo, noteOf, operation } from './answer_world.ts';

const long = (chars: number) => 'x'.repeat(chars);

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

  it.each(['rate_limited', 'unavailable'] as const)(
    'that goes on by a token is shown as it came where it cannot be asked for again: %s',
    async (kind) => {
      const input = { limit: z.number().default(40), next: z.string().optional() };
      let calls = 0;
      const call = async () => {
        calls += 1;
        if (calls === 1) return { features: records, next: 't' };
        throw new GeoperaError({ kind, operationId: 'things.get', detail: 'not now' });
      };
      const answer = await answerFrom({ call }, operation({}, input));
      expect(answer.facts['features']).toEqual(records.slice(0, 30));
      expect(noteOf(answer).next?.arguments.skip).toBe(30);
    },
  );

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

describe('a long list of an operation that is called by its own tool alone', () => {
  const records = Array.from({ length: 40 }, (_, id) => ({ id, text: long(1000) }));
  const call = { call: async () => ({ items: records }) };
  const offers = (tool: string) => tool === 'things_get';

  it('goes on by its own fields', async () => {
    const input = { limit: z.number().default(40), offset: z.number().default(0) };
    const answer = await answerFrom(call, operation({}, input), { call: { offers } });
    const next = { tool: 'things_get', arguments: { limit: 40, offset: 30 } };
    expect(answer.facts['geopera_mcp']).toMatchObject({ next });
  });

  it('is cut with a word where it has none', async () => {
    const answer = await answerFrom(call, operation(), { call: { offers } });
    const { next, left_out, shown, says } = noteOf(answer);
    expect(next).toBeUndefined();
    expect(says).toContain('Ask for less');
    expect(shown?.says).toBe('30 of 40 records of this answer');
    expect(left_out).toEqual([{ says: '10 more records', bytes: expect.any(Number) }]);
  });

  it('goes on by none where none is offered', async () => {
    const input = { limit: z.number().default(40), offset: z.number().default(0) };
    const asked = { call: { offers: () => false } };
    expect(noteOf(await answerFrom(call, operation({}, input), asked)).next).toBeUndefined();
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
    const note = noteOf(
      await answerTo({ type: 'Polygon', coordinates: Array.from({ length: 9000 }, () => [1, 2]) }),
    );
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

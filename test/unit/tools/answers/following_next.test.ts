import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Operation } from '../../../../src/operations/operation.ts';
import type { ToolAnswer } from '../../../../src/tools/tool.ts';
import { answerFrom, jsonBytes, MOST_BYTES, noteOf, operation } from './answer_world.ts';

interface Thing {
  readonly id: number;
  readonly text: string;
}

/** How a fake API gives its things, and under which name the list stands. */
interface Family {
  readonly name: string;
  readonly operation: Operation;
  answer(input: unknown, things: readonly Thing[]): unknown;
}

const limit = () => z.number().int().min(1).default(10);
const offsetInput = { limit: limit(), offset: z.number().int().min(0).default(0) };
const sizeInput = { size: limit(), page: z.number().int().min(0).default(0) };
const limitPageInput = { limit: limit(), page: z.number().int().min(0).default(0) };
const tokenInput = { limit: limit(), next: z.string().nullish() };

const offsetModel = z.object(offsetInput);
const sizeModel = z.object(sizeInput);
const limitPageModel = z.object(limitPageInput);
const tokenModel = z.object(tokenInput);

const FAMILIES: readonly Family[] = [
  {
    name: 'limit and offset',
    operation: operation({}, offsetInput),
    answer(input, things) {
      const { limit, offset } = offsetModel.parse(input);
      return things.slice(offset, offset + limit);
    },
  },
  {
    name: 'limit and offset, with a total',
    operation: operation({}, offsetInput),
    answer(input, things) {
      const { limit, offset } = offsetModel.parse(input);
      const features = things.slice(offset, offset + limit);
      return { type: 'FeatureCollection', features, numberMatched: things.length };
    },
  },
  {
    name: 'limit and offset, of which it gives five at most',
    operation: operation({}, offsetInput),
    answer(input, things) {
      const { limit, offset } = offsetModel.parse(input);
      const items = things.slice(offset, offset + Math.min(5, limit));
      return { items, total: things.length };
    },
  },
  {
    name: 'page and size',
    operation: operation({}, sizeInput),
    answer(input, things) {
      const { size, page } = sizeModel.parse(input);
      const content = things.slice(page * size, (page + 1) * size);
      return { content, page: { totalElements: things.length } };
    },
  },
  {
    name: 'page and size, of which it gives five at most',
    operation: operation({}, sizeInput),
    answer(input, things) {
      const { size, page } = sizeModel.parse(input);
      const given = Math.min(5, size);
      const content = things.slice(page * given, (page + 1) * given);
      return { content, totalElements: things.length };
    },
  },
  {
    name: 'page and limit',
    operation: operation({}, limitPageInput),
    answer(input, things) {
      const { limit, page } = limitPageModel.parse(input);
      return { jobs: things.slice(page * limit, (page + 1) * limit) };
    },
  },
  {
    name: 'a token',
    operation: operation({}, tokenInput),
    answer(input, things) {
      const { limit, next } = tokenModel.parse(input);
      const start = Number(next ?? 0);
      const isLast = start + limit >= things.length;
      return {
        features: things.slice(start, start + limit),
        next: isLast ? null : `${start + limit}`,
      };
    },
  },
  {
    name: 'a token, whatever limit is asked for',
    operation: operation({}, tokenInput),
    answer(input, things) {
      const start = Number(tokenModel.parse(input).next ?? 0);
      const next = start + 7 >= things.length ? undefined : `${start + 7}`;
      return { features: things.slice(start, start + 7), next };
    },
  },
  {
    name: 'nothing: all in one',
    operation: operation(),
    answer: (_, things) => things,
  },
  {
    name: 'nothing: all in one, under a name',
    operation: operation(),
    answer: (_, things) => ({ job: { assets: things }, count: things.length }),
  },
];

const recordsModel = z.array(z.object({ id: z.number() }).passthrough());
const listsModel = z.object({
  results: recordsModel.optional(),
  features: recordsModel.optional(),
  items: recordsModel.optional(),
  content: recordsModel.optional(),
  jobs: recordsModel.optional(),
  job: z.object({ assets: recordsModel }).optional(),
});

function idsIn({ facts }: ToolAnswer): number[] {
  const { results, features, items, content, jobs, job } = listsModel.parse(facts);
  const records = results ?? features ?? items ?? content ?? jobs ?? job?.assets ?? [];
  return records.map(({ id }) => id);
}

const MOST_CALLS = 300;

/** Follows `next` until there is none. */
async function followed(family: Family, things: readonly Thing[], body: Record<string, unknown>) {
  const answers: ToolAnswer[] = [];
  let asked: { body: Record<string, unknown>; skip: number } | undefined = { body, skip: 0 };
  while (asked !== undefined) {
    if (answers.length === MOST_CALLS) throw new Error('it goes on without end');
    const { body: input, skip } = asked;
    const call = async (_: string, sent: unknown) => family.answer(sent, things);
    const answer: ToolAnswer = await answerFrom({ call }, family.operation, {
      body: input,
      view: { skip },
    });
    answers.push(answer);
    const next = noteOf(answer).next?.arguments;
    asked = next && { body: next.arguments, skip: next.skip ?? 0 };
  }
  return answers;
}

/** Things of a few bytes, of some thousand, and some that are longer than an answer may be. */
const thingList = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.nat({ max: 400 }) },
      { weight: 4, arbitrary: fc.nat({ max: 9_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 30_000, max: 70_000 }) },
    ),
    { maxLength: 45 },
  )
  .map((lengths) => lengths.map((length, id): Thing => ({ id, text: 'é'.repeat(length / 2) })));

describe.each(FAMILIES)('a list that goes on by $name', (family) => {
  it('is had whole, each record once and in order, by following next', async () => {
    await fc.assert(
      fc.asyncProperty(thingList, fc.integer({ min: 1, max: 50 }), async (things, size) => {
        const body = 'size' in family.operation.input.shape ? { size } : { limit: size };
        const answers = await followed(family, things, body);
        expect(answers.flatMap(idsIn)).toEqual(things.map(({ id }) => id));
        for (const { facts } of answers) expect(jsonBytes(facts)).toBeLessThanOrEqual(MOST_BYTES);
      }),
      { numRuns: 60 },
    );
  });

  it('says next only where there may be more', async () => {
    const things = Array.from({ length: 3 }, (_, id) => ({ id, text: '' }));
    expect(await followed(family, things, {})).toHaveLength(1);
  });
});

describe('a page of a size', () => {
  const family = FAMILIES.find(({ name }) => name === 'page and size');
  const things = Array.from({ length: 97 * 3 }, (_, id) => ({ id, text: 'x'.repeat(1000) }));

  it.each([
    ['goes on in pages of another size', 0, { page: 1, size: 30 }, undefined],
    ['goes on in the same page where 97 has no other divisor', 1, { page: 1, size: 97 }, 30],
  ])('%s', async (_, page, input, skip) => {
    if (family === undefined) throw new Error('it is above');
    const call = async (__: string, sent: unknown) => family.answer(sent, things);
    const answer = await answerFrom({ call }, family.operation, { body: { page, size: 97 } });
    expect(noteOf(answer).next).toEqual({
      tool: 'call_read_operation',
      arguments: {
        operation: 'things.get',
        arguments: input,
        ...(skip === undefined ? {} : { skip }),
      },
    });
  });

  it('that is shorter than asked for goes on in itself: nobody knows where it begins', async () => {
    if (family === undefined) throw new Error('it is above');
    const call = async () => ({ content: things.slice(0, 40) });
    const body = { page: 2, size: 60 };
    const answer = await answerFrom({ call }, family.operation, { body });
    expect(noteOf(answer).next?.arguments).toMatchObject({ arguments: body, skip: 30 });
  });
});

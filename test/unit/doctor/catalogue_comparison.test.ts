import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compareCatalogue, differenceWords } from '../../../src/doctor/catalogue_comparison.ts';
import { leftOutFor, reasonFor } from '../../../src/doctor/known_differences.ts';
import { NotThePublishedApi, readPublishedApi } from '../../../src/doctor/published_api.ts';
import { defineOperation } from '../../../src/operations/operation.ts';

const jobs = defineOperation({
  id: 'jobs.get',
  scope: 'jobs:read',
  effect: 'external_spend',
  summary: 'Read a job.',
  input: () => z.object({ job_id: z.string().min(1) }).strict(),
  output: () => z.object({ state: z.string() }).passthrough(),
});

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const body = { type: 'object', properties: { job_id: { type: 'string' } }, required: ['job_id'] };
const answer = { type: 'object', properties: { state: { type: 'string' } }, required: ['state'] };

/** A document of `jobs.get`, published so. */
function publishing(post: object, more: object = {}) {
  return readPublishedApi({
    paths: {
      '/v1/op/jobs.get': {
        post: {
          'x-required-scope': 'jobs:read',
          requestBody: json({ $ref: '#/components/schemas/Body' }),
          responses: { 422: json({}), 202: json(answer) },
          ...post,
        },
      },
      ...more,
    },
    components: { schemas: { Body: body } },
  });
}

const unknown = (api: Parameters<typeof compareCatalogue>[0]) =>
  compareCatalogue(api, [jobs])
    .filter((it) => reasonFor(it) === undefined)
    .map(differenceWords);

describe('the catalogue beside a document', () => {
  it('differs in nothing that matters where both say the same', () => {
    expect(unknown(publishing({}))).toEqual([]);
    expect(unknown(publishing({ 'x-side-effect': 'spend' }))).toEqual([]);
    expect(unknown(publishing({ 'x-side-effect': 'external_spend' }))).toEqual([]);
  });

  it.each<[object, string[]]>([
    [{ 'x-required-scope': 'jobs:see' }, ['jobs.get: operation scope jobs:see, ours jobs:read']],
    [{ 'x-side-effect': 'read' }, ['jobs.get: operation effect read, ours external_spend']],
    [{ requestBody: undefined }, ['jobs.get: input type any, ours object']],
    [{ responses: { 200: json({}) } }, ['jobs.get: output type any, ours object']],
    [{ responses: { 404: json(answer) } }, ['jobs.get: output type any, ours object']],
    [
      { requestBody: json({ ...body, required: [] }) },
      ['jobs.get: input.job_id required optional, ours required'],
    ],
  ])('differs if it publishes %j', (post, differences) => {
    expect(unknown(publishing(post))).toEqual(differences);
  });

  it('lacks what only the document has, and the other way round', () => {
    const news = { '/v1/op/jobs.end': { post: { 'x-required-scope': 'jobs:write' } } };
    expect(unknown(publishing({}, news))).toEqual([
      'jobs.end: operation presence jobs:write, ours none',
    ]);
    const api = readPublishedApi({ paths: news });
    expect(compareCatalogue(api, [jobs]).map(({ operation, fact }) => [operation, fact])).toEqual([
      ['jobs.get', 'presence'],
      ['jobs.end', 'presence'],
    ]);
  });
});

describe('a document', () => {
  it.each([[undefined], ['<html>'], [{}], [{ paths: { '/pets': { get: {} } } }]])(
    'is not of this API: %j',
    (document) => {
      expect(() => readPublishedApi(document)).toThrow(NotThePublishedApi);
    },
  );

  it('is read as far as it can be', () => {
    const odd = {
      '/v1/op/a.b': { post: { 'x-required-scope': 7, responses: 'none', requestBody: [] } },
      '/v1/op/c.d': { get: {} },
      '/v1/op/e.f': { post: {} },
      '/v1/e/f': { post: {} },
    };
    const { operations } = readPublishedApi({ paths: odd, components: { schemas: [] } });
    expect([...operations.keys()]).toEqual(['a.b', 'e.f']);
  });
});

describe('what is left out', () => {
  it.each([
    [{ id: 'billing.cron', scope: 'admin:write' }, true],
    [{ id: 'billing.approvals.approve', scope: 'billing:write' }, true],
    [{ id: 'items.admin.sweep', scope: 'items:write' }, true],
    [{ id: 'items.sweep_internal', scope: 'items:write' }, true],
    [{ id: 'diagnostics.ping', scope: undefined }, true],
    [{ id: 'items.administer', scope: 'items:write' }, false],
    [{ id: 'items.get', scope: undefined }, false],
  ])('%j: %s', (operation, isLeftOut) => {
    expect(leftOutFor(operation) !== undefined).toBe(isLeftOut);
  });
});

describe('what is known to differ', () => {
  const difference = {
    operation: 'uploads.initiate',
    where: 'input.transfer_method',
    fact: 'enum',
    published: 'browser|cli|cloud_transfer',
    ours: 'browser|cli|cloud_transfer|signed_url',
  } as const;

  it('is known only as long as the API publishes just that', () => {
    expect(reasonFor(difference)).toMatch(/signed_url/);
    expect(reasonFor({ ...difference, published: 'browser' })).toBeUndefined();
    expect(reasonFor({ ...difference, operation: 'uploads.fail' })).toBeUndefined();
  });

  it('by a rule is no more than the rule says', () => {
    const id = {
      ...difference,
      where: 'input.item_id',
      fact: 'minLength',
      published: undefined,
    } as const;
    expect(reasonFor({ ...id, ours: 1 })).toMatch(/empty id/);
    expect(reasonFor({ ...id, ours: 2 })).toBeUndefined();
    expect(reasonFor({ ...id, ours: 1, published: 4 })).toBeUndefined();
    expect(reasonFor({ ...id, ours: 1, where: 'input.name' })).toBeUndefined();
    expect(reasonFor({ ...id, ours: 1, where: 'output.item_id' })).toBeUndefined();
  });
});

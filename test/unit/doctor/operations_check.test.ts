import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answering, failure, foundBy, published, someOperations } from './patients.ts';

type Live = typeof published;
const at = (id: string) => `/v1/op/${id}`;

/** What is found where the live document is not quite what the catalogue says. */
async function afterChange(change: (document: Live) => void) {
  const document = structuredClone(published);
  change(document);
  return foundBy('operations', answering(document));
}

function input(document: Live, id: string) {
  const body = z.object({
    content: z.object({
      'application/json': z.object({
        schema: z.object({ properties: z.record(z.unknown()) }).passthrough(),
      }),
    }),
  });
  const { post } = document.paths[at(id)] ?? { post: {} };
  const { content } = body.parse(post['requestBody']);
  return {
    set(name: string, schema: object) {
      const { schema: whole } = content['application/json'];
      whole.properties[name] = schema;
      post['requestBody'] = { content };
    },
  };
}

const scoped = (scope: string) => ({ post: { 'x-required-scope': scope } });

describe('the operations', () => {
  it('may have no side effect published', async () => {
    const found = await afterChange(({ paths }) => {
      for (const { post } of Object.values(paths)) delete post['x-side-effect'];
    });
    expect(found).toMatchObject([
      { state: 'ok', found: expect.stringContaining(`${someOperations.length}`) },
    ]);
  });

  it('that are new are named, but for those that are left out on purpose', async () => {
    const found = await afterChange(({ paths }) => {
      paths[at('items.merge')] = scoped('items:write');
      paths[at('billing.dlq.replay')] = scoped('admin:write');
      paths[at('items.sweep_internal')] = scoped('items:write');
      paths[at('billing.approvals.approve')] = scoped('billing:write');
    });
    expect(found).toMatchObject([
      { state: 'warning', details: ['items.merge'], facts: { new: ['items.merge'] } },
    ]);
  });

  it.each([
    ['items.duplicate', 'warning', /will fail$/],
    ['uploads.signed_url', 'fault', /uploads of files$/],
    ['clip.job.get', 'fault', /making clips, downloads of clips$/],
  ])('that are gone are a fault only if a job stands on them: %s', async (id, state, words) => {
    const found = await afterChange(({ paths }) => {
      delete paths[at(id)];
    });
    expect(found).toMatchObject([{ state, found: expect.stringMatching(words), details: [id] }]);
  });

  it('that changed are told, each with what changed', async () => {
    const found = await afterChange((document) => {
      const { post } = document.paths[at('items.get')] ?? {};
      if (post) Object.assign(post, { 'x-required-scope': 'items:see', 'x-side-effect': 'export' });
      input(document, 'items.search_org').set('limit', {
        type: 'integer',
        minimum: 1,
        maximum: 10,
        default: 5,
      });
      input(document, 'uploads.fail').set('why', { type: 'string' });
    });
    expect(found).toMatchObject([{ state: 'warning', found: expect.stringMatching(/^3 changed/) }]);
    expect(found[0]?.details).toEqual([
      'uploads.fail: input.why is new (optional)',
      'items.search_org: input.limit: default is 5, not 100; input.limit: maximum is 10, not 1000',
      'items.get: needs the scope items:see, not items:read; its effect is share_export, not read',
    ]);
  });

  it('are not listed without end', async () => {
    const found = await afterChange(({ paths }) => {
      for (let count = 0; count < 500; count += 1) paths[at(`new.n${count}`)] = scoped('new:read');
    });
    expect(found[0]?.details).toHaveLength(21);
    expect(found[0]?.details?.at(-1)).toBe('and 480 more');
  });

  it('whose names come from elsewhere steer no terminal', async () => {
    const found = await afterChange(({ paths }) => {
      paths[at('items.\u001b[2J')] = scoped('items:write');
    });
    expect(found[0]?.details).toEqual(['items. [2J']);
  });

  it.each([
    ['a page', failure('not_the_api'), 'fault', /--api-url/],
    ['not there', failure('not_found', 404), 'warning', /--api-url/],
    ['for those who signed in', failure('unauthenticated', 401), 'warning', /gateway/],
    ['refused', failure('forbidden', 403), 'warning', /gateway/],
  ])('whose list is %s cannot be compared', async (_, why, state, advice) => {
    const openapi = async () => ({ status: 404, clockAheadMs: 0, document: { failure: why } });
    expect(await foundBy('operations', { openapi })).toMatchObject([
      {
        state,
        found: expect.stringContaining('because'),
        advice: expect.stringMatching(advice),
      },
    ]);
  });

  it.each([[null], [[]], [{}], [{ paths: {} }], [{ paths: { '/pets': scoped('pets:read') } }]])(
    'are not those of another API: %j',
    async (json) => {
      expect(await foundBy('operations', answering(json))).toMatchObject([
        { state: 'fault', advice: expect.stringContaining('--api-url') },
      ]);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogue } from '../../../src/operations/catalogue.ts';
import { defineOperation, EFFECTS, type Effect } from '../../../src/operations/operation.ts';

/** What the operation pages of the API say of each, and what may be asked for twice. */
const TABLE: Readonly<Record<string, [string, Effect, { repeatable: boolean }]>> = {
  'uploads.initiate': ['uploads:write', 'compute', { repeatable: false }],
  'uploads.signed_url': ['uploads:write', 'compute', { repeatable: true }],
  'uploads.progress': ['uploads:write', 'compute', { repeatable: true }],
  'uploads.complete': ['uploads:write', 'compute', { repeatable: false }],
  'uploads.fail': ['uploads:write', 'compute', { repeatable: false }],
  'items.list': ['items:read', 'read', { repeatable: true }],
  'items.get': ['items:read', 'read', { repeatable: true }],
  'items.list_assets': ['items:read', 'read', { repeatable: true }],
  'items.asset.download': ['items:read', 'share_export', { repeatable: true }],
  'clip.create_from_item': ['processing:process', 'external_spend', { repeatable: false }],
  'clip.job.get': ['clip:read', 'read', { repeatable: true }],
  'clip.job.downloads': ['clip:read', 'read', { repeatable: true }],
  'clip.job.download': ['clip:read', 'read', { repeatable: true }],
};

describe('the catalogue', () => {
  it('holds each operation once', () => {
    expect(catalogue.map(({ id }) => id)).toEqual(Object.keys(TABLE));
  });

  it.each(catalogue.map((it) => [it.id, it] as const))('%s has its scope and effect', (id, it) => {
    const { scope, effect, repeatable } = it;
    expect([scope, effect, { repeatable }]).toEqual(TABLE[id]);
  });

  it('expects a file of one operation alone', () => {
    const files = catalogue.filter(({ response }) => response === 'file').map(({ id }) => id);
    expect(files).toEqual(['clip.job.download']);
  });

  it.each(catalogue.map((it) => [it.id, it] as const))(
    '%s takes no unknown field, and null for none',
    (_, { input }) => {
      const refusals = (body: unknown) => input.safeParse(body).error?.issues ?? [];
      const unknown = refusals({ no_such_field: 1 }).filter(
        (it) => it.code === 'unrecognized_keys',
      );
      expect(unknown).toHaveLength(1);
      const nulls = Object.fromEntries(Object.keys(input.shape).map((name) => [name, null]));
      const refused = refusals(nulls).map(({ path }) => path[0]);
      expect(refused).toEqual(Object.keys(input.shape));
    },
  );

  it('describes every input, and says in a summary what it does', () => {
    for (const { input, summary } of catalogue) {
      expect(summary).toMatch(/^[A-Z].*\.$/);
      for (const field of Object.values(input.shape)) {
        expect(z.instanceof(z.ZodType).parse(field).description).toMatch(/^[A-Z].*\.$/);
      }
    }
  });
});

describe('a record', () => {
  const record = {
    id: 'a.b',
    scope: 'a:b',
    summary: 'B.',
    input: () => z.object({}), output: () => z.any() };

  it.each(EFFECTS)('of effect %s answers JSON, and may be repeated if it only reads', (effect) => {
    expect(defineOperation({ ...record, effect })).toMatchObject({
      response: 'json',
      repeatable: effect === 'read',
    });
  });

  it('may say otherwise', () => {
    const told = { response: 'file', repeatable: false } as const;
    expect(defineOperation({ ...record, effect: 'read', ...told })).toMatchObject(told);
  });
});

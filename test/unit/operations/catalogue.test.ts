import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { zodToJsonSchema } from 'zod-to-json-schema';
import { catalogue, operationById } from '../../../src/operations/catalogue.ts';
import { defineOperation, EFFECTS, type Operation } from '../../../src/operations/operation.ts';
import { toolName } from '../../../src/tools/tool_name.ts';
import { plain } from '../../contract/bodies/plain_schema.ts';
import { seededRandom } from '../../contract/bodies/seeded_random.ts';
import { validValue } from '../../contract/bodies/valid_bodies.ts';
import { operationTable } from './operation_table.ts';

const LONGEST_TOOL_NAME = 48;
const SENTENCES = /^[A-Z].*\.$/s;

/** Their bodies are free-form by the API's own documents: a key that is not described may well be one. */
const OPEN_INPUTS = [
  'billing.topup',
  'catalog.search_stream',
  'clip.create_from_item',
  'orders.archive.place',
  'orders.tasking.place',
  'processing.create',
  'processing.create_and_dispatch',
  'reports.generate',
  'uploads.complete',
];

/** Where the API's pages speak of a durable resource: it is made once, however often it is asked for. */
const MADE_ONCE = [
  'collections.create',
  'event_subscriptions.create',
  'items.create',
  'items.duplicate',
  'orders.tasking.templates.save',
  'organizations.create',
  'projects.create',
  'share.link.create',
  'uploads.initiate',
  'visualization.profile.create',
];

/** Which spends have an operation that says what they would cost. */
const PRICED_BY = {
  'orders.archive.place': 'orders.archive.estimate',
  'orders.place': 'orders.estimate',
  'orders.tasking.place': 'orders.tasking.estimate',
  'processing.execute': 'processing.catalog.estimate',
};

const DESCRIPTOR = ['url', 'download_url', 'signed_url', 'href'];

/** Which members of answers open something to whoever knows them. */
const SECRETS = {
  'api_keys.create': ['key'],
  'billing.stripe_invoices.list': ['hosted_invoice_url', 'invoice_pdf'],
  'billing.topup': ['client_secret'],
  'clip.job.download': DESCRIPTOR,
  'event_subscriptions.create': ['secret', 'signing_secret', 'headers'],
  'event_subscriptions.get': ['headers'],
  'event_subscriptions.list': ['headers'],
  'event_subscriptions.update': ['headers'],
  'items.asset.download': DESCRIPTOR,
  'payment_methods.create_setup_intent': ['client_secret'],
  'reports.generate': DESCRIPTOR,
  'share.link.create': ['token'],
  'share.tilejson': ['tiles'],
  'uploads.signed_url': ['upload_url'],
};

const ids = (operations: readonly Operation[]) => operations.map(({ id }) => id);
const each = it.each(catalogue.map((operation) => [operation.id, operation] as const));
const jsonSchema = (model: z.ZodTypeAny) => zodToJsonSchema(model, { $refStrategy: 'none' });

describe('the catalogue', () => {
  it('holds each operation once, and knows it by its id', () => {
    expect(ids(catalogue).sort()).toEqual(operationTable.map(({ operation }) => operation).sort());
    for (const operation of catalogue) expect(operationById(operation.id)).toBe(operation);
    expect(operationById('uploads.finish')).toBeUndefined();
  });

  it.each(operationTable.map((row) => [row.operation, row] as const))(
    '%s has its scope, effect and form of answer, and is repeated only if that does no harm',
    (operation, { scope, effect, answer, repeatable }) => {
      const record = operationById(operation);
      expect(record).toMatchObject({ scope, effect, response: answer, repeatable });
    },
  );

  it('gives each its own tool name, of a form that every client takes', () => {
    const names = ids(catalogue).map(toolName);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(name.length).toBeLessThanOrEqual(LONGEST_TOOL_NAME);
    }
  });
});

describe('what may do harm', () => {
  const of = (...effects: readonly string[]) =>
    catalogue.filter((it) => effects.includes(it.effect));

  it('asks first', () => {
    const careless = of('external_spend', 'destructive').filter(({ asksFirst }) => !asksFirst);
    expect(ids(careless)).toEqual([]);
    expect(ids(of('read').filter(({ asksFirst }) => asksFirst))).toEqual([]);
  });

  it('asks first also where it hands out a key or arms a charge, whatever its tier', () => {
    const more = catalogue.filter(
      ({ asksFirst, effect }) => asksFirst && !/spend|dest/.test(effect),
    );
    expect(ids(more).sort()).toEqual([
      'api_keys.create',
      'billing.set_auto_topup',
      'eulas.document.accept',
      'share.link.create',
    ]);
  });

  it('is never sent twice by itself', () => {
    const harmful = of('external_spend', 'destructive');
    expect(ids(harmful.filter(({ repeatable }) => repeatable))).toEqual([]);
  });

  it('carries a key where it spends, and where it makes what lasts, but not where it reads', () => {
    expect(ids(of('external_spend').filter(({ idempotencyKey }) => !idempotencyKey))).toEqual([]);
    const others = of('read', 'destructive', 'compute', 'share_export');
    expect(ids(others.filter(({ idempotencyKey }) => idempotencyKey)).sort()).toEqual(MADE_ONCE);
  });

  it('is priced wherever an operation says what it would cost', () => {
    const priced = catalogue.flatMap(({ id, estimate }) =>
      estimate === undefined ? [] : [[id, estimate.operation] as const],
    );
    expect(Object.fromEntries(priced)).toEqual(PRICED_BY);
  });

  describe.each(
    catalogue.flatMap(({ id, input, estimate }) =>
      estimate === undefined ? [] : [[id, { input, estimate }] as const],
    ),
  )('%s', (id, { input, estimate }) => {
    const priced = operationById(estimate.operation);

    it('is priced by an operation that only reads', () => {
      expect(priced?.effect).toBe('read');
    });

    it('asks it with a body that it takes', () => {
      const random = seededRandom(id);
      const schema = plain(jsonSchema(input), new Map());
      for (let count = 0; count < 200; count += 1) {
        const spend = input.parse(validValue(schema, random));
        const body = estimate.body(spend);
        expect([priced?.input.safeParse(body).error, body]).toEqual([undefined, body]);
        // Whatever is left out is not in the price that the user is shown.
        const shared = Object.keys(priced?.input.shape ?? {}).filter((name) => name in input.shape);
        for (const name of shared) expect([name, body[name]]).toEqual([name, spend[name]]);
      }
    });
  });
});

describe('words', () => {
  each('%s says what it does, in sentences of which the first stands alone', (_, { summary }) => {
    expect(summary).toMatch(SENTENCES);
    const [sentence = ''] = summary.split(/(?<=\.)\s/);
    expect(sentence.length).toBeLessThanOrEqual(200);
    expect(sentence).not.toMatch(/^(It|This|These|They|Also)\b/);
  });

  each('%s has other words by which people ask for it', (_, { keywords }) => {
    expect(keywords).toMatch(/^\S+( \S+)*$/);
    expect(keywords.split(' ').length).toBeGreaterThan(1);
  });

  each('%s describes every field, also those within others', (_, { input }) => {
    const undescribed = fieldsIn(jsonSchema(input)).filter(([, it]) => !SENTENCES.test(it ?? ''));
    expect(undescribed).toEqual([]);
  });

  it('are all written', () => {
    for (const { input, output, ...rest } of catalogue) {
      expect(JSON.stringify([rest, jsonSchema(input), jsonSchema(output)])).not.toMatch(
        /TODO|FIXME/,
      );
    }
  });

  it('name no summary twice', () => {
    expect(new Set(catalogue.map(({ summary }) => summary)).size).toBe(catalogue.length);
  });
});

describe('models', () => {
  each('%s takes an unknown field only if its body is free-form', (id, { input }) => {
    const issues = input.safeParse({ no_such_field: 1 }).error?.issues ?? [];
    const refused = issues.some(({ code }) => code === 'unrecognized_keys');
    expect(refused).toBe(!OPEN_INPUTS.includes(id));
  });

  each('%s leaves its answer open for an API that grows', (_, { output }) => {
    expect(JSON.stringify(jsonSchema(output))).not.toContain('"additionalProperties":false');
  });

  each('%s has models that are made once', (_, operation) => {
    expect(operation.input).toBe(operation.input);
    expect(operation.output).toBe(operation.output);
  });

  it('name the secrets of their answers', () => {
    const named = catalogue.flatMap(({ id, secrets }) =>
      secrets.length === 0 ? [] : [[id, secrets] as const],
    );
    expect(Object.fromEntries(named)).toEqual(SECRETS);
  });
});

const schemaNode = z.object({
  description: z.string().optional(),
  properties: z.record(z.unknown()).optional(),
  items: z.unknown(),
  additionalProperties: z.unknown(),
  anyOf: z.array(z.unknown()).optional(),
});

/** Every named field in a JSON schema, and its description. */
function fieldsIn(schema: unknown, where = ''): [string, string | undefined][] {
  const node = schemaNode.safeParse(schema);
  if (!node.success) return [];
  const { properties = {}, items, additionalProperties: rest, anyOf = [] } = node.data;
  return [
    ...Object.entries(properties).flatMap(([name, it]): [string, string | undefined][] => [
      [`${where}.${name}`, schemaNode.parse(it).description],
      ...fieldsIn(it, `${where}.${name}`),
    ]),
    ...[items, rest, ...anyOf].flatMap((it) => fieldsIn(it, `${where}[]`)),
  ];
}

describe('a record', () => {
  const record = {
    id: 'a.b',
    scope: 'a:b',
    summary: 'B.',
    input: () => z.object({}),
    output: () => z.any(),
  };

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

  it.each([
    [{ limit: z.number(), offset: z.number() }, 'offset'],
    [{ page: z.number(), size: z.number() }, 'page'],
    [{ next: z.string() }, 'token'],
    [{ id: z.string() }, undefined],
  ])('knows by its input how the rest of a list is asked for', (shape, paging) => {
    const input = () => z.object(shape);
    expect(defineOperation({ ...record, effect: 'read', input }).paging).toBe(paging);
  });

  it('makes no model until one is asked for', () => {
    const input = () => {
      throw new Error('made');
    };
    const lazy = defineOperation({ ...record, effect: 'read', input });
    expect(() => lazy.input).toThrow('made');
  });
});

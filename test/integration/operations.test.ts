import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogue, operationById } from '../../src/operations/catalogue.ts';
import { startOver, type WayWorld } from './way_world.ts';
import { WAYS } from './ways.ts';

const CALLERS = ['call_read_operation', 'call_write_operation', 'call_destructive_operation'];
/** By which the budget counts: four bytes a token. */
const MOST_BYTES = 8_000 * 4;

const found = z.object({
  operations: z.array(
    z.object({ operation: z.string(), call_with: z.string(), required: z.array(z.string()) }),
  ),
});
const described = z.object({
  operation: z.string(),
  call: z.object({
    tool: z.string(),
    arguments: z.object({ operation: z.string(), arguments: z.record(z.unknown()) }),
  }),
});
const prepared = z.object({ status: z.literal('not_done_yet'), confirmation: z.string() });
const withId = z.object({ id: z.string() });
const listed = z.object({ collections: z.array(withId.passthrough()) });

/** The example that an answer to a wrong call holds. */
function exampleIn(text: string): unknown {
  const [, json = ''] =
    /with values to be replaced: (\{.*\})\. describe_operation/.exec(text) ?? [];
  return JSON.parse(json);
}

const shared = WAYS.filter(({ name }) =>
  ['memory', 'HTTP', 'HTTP without sessions'].includes(name),
);

describe.each(shared)('operations over $name', (way) => {
  let world: WayWorld;

  beforeAll(async () => {
    world = await startOver(way);
  });

  afterAll(() => world.close());

  /** Finds the operation that a wish is for, and what is told of its call. */
  async function lookUp(query: string, expected: string) {
    const { operations } = found.parse((await world.call('search_operations', { query })).facts);
    const hit = operations.slice(0, 3).find(({ operation }) => operation === expected);
    expect(hit, JSON.stringify(operations)).toBeDefined();
    const { facts } = await world.call('describe_operation', { operation: expected });
    const { call } = described.parse(facts);
    expect(call.tool).toBe(hit?.call_with);
    expect(Object.keys(call.arguments.arguments)).toEqual(hit?.required);
    return call;
  }

  async function call(
    { tool, arguments: { operation, arguments: example } }: z.infer<typeof described>['call'],
    values: object,
    more: object = {},
  ) {
    return world.call(tool, { operation, arguments: { ...example, ...values }, ...more });
  }

  const collections = async () => {
    const args = {
      operation: 'collections.list',
      arguments: { project_id: world.sandbox.projectId },
    };
    return listed.parse((await world.call('call_read_operation', args)).facts).collections;
  };

  it('are found, described and called, whatever they do', async () => {
    const { projectId: project_id } = world.sandbox;
    const read = await lookUp('which collections does a project have', 'collections.list');
    expect(read.tool).toBe('call_read_operation');
    expect(await call(read, { project_id })).toMatchObject({ isError: false });

    const write = await lookUp('make a new collection for items', 'collections.create');
    expect(write.tool).toBe('call_write_operation');
    const made = await call(write, { project_id, name: 'Harbour' });
    const { id: collection_id } = withId.parse(made.facts);
    expect(await collections()).toMatchObject([{ id: collection_id, name: 'Harbour' }]);

    const remove = await lookUp('delete a collection', 'collections.delete');
    expect(remove.tool).toBe('call_destructive_operation');
    const asked = await call(remove, { project_id, collection_id });
    expect(await collections()).toHaveLength(1);
    const { confirmation } = prepared.parse(asked.facts);
    const done = await call(remove, { project_id, collection_id }, { confirmation });
    expect(done, done.text).toMatchObject({ isError: false });
    expect(await collections()).toEqual([]);
  });

  it.each(['collections.list', 'collections_list', ' collections.list\n'])(
    'may be called as %j',
    async (operation) => {
      const args = { project_id: world.sandbox.projectId };
      const answer = await world.call('call_read_operation', { operation, arguments: args });
      expect(answer, answer.text).toMatchObject({ isError: false });
      const description = await world.call('describe_operation', { operation });
      expect(description.facts).toMatchObject({ operation: 'collections.list' });
    },
  );

  it.each([
    ['items.remove', 'items.delete'],
    ['collection.create', 'collections.create'],
    ['api_key_list', 'api_keys.list'],
    ['Orders.Archive.Place', 'orders.archive.place'],
  ])(
    'that do not exist are answered with those that may be meant: %s',
    async (operation, meant) => {
      for (const tool of ['describe_operation', 'call_read_operation']) {
        const answer = await world.call(tool, { operation });
        expect(answer).toMatchObject({ isError: true, errorCode: 'unknown_operation' });
        expect(answer.text).toContain(`'${operation}'`);
        expect(answer.text).toContain(meant);
      }
    },
  );

  it('that resemble nothing are answered with the search', async () => {
    const answer = await world.call('call_write_operation', { operation: 'xyzzy' });
    expect(answer).toMatchObject({ isError: true, errorCode: 'unknown_operation' });
    expect(answer.text).toContain('search_operations');
  });

  it('take JSON that was sent as text, and null for what may be absent', async () => {
    const { projectId: project_id } = world.sandbox;
    const name = 'Sent as text';
    const made = await world.call('call_write_operation', {
      operation: 'collections.create',
      arguments: JSON.stringify({ project_id, name, layer_order: '7', color: null }),
      confirmation: null,
    });
    expect(made, made.text).toMatchObject({ isError: false });
    expect(made.facts).toMatchObject({ name, layer_order: 7 });
    const answer = await world.call('call_read_operation', {
      operation: 'collections.list',
      arguments: { project_id },
      skip: '0',
      part: null,
    });
    expect(answer, answer.text).toMatchObject({ isError: false });
    const search = await world.call('search_operations', { query: 'orders', limit: null });
    expect(search, search.text).toMatchObject({ isError: false });
  });

  it('answer a wrong call with the fields, the reasons and an example that is right', async () => {
    const answer = await world.call('call_write_operation', {
      operation: 'collections.create',
      arguments: { project_id: world.sandbox.projectId, layer_order: 'high', colour: 'red' },
    });
    expect(answer).toMatchObject({ isError: true, errorCode: 'invalid_arguments' });
    expect(answer.text).toContain('collections.create');
    expect(answer.text).toContain('name: Required');
    expect(answer.text).toContain('layer_order: Expected number');
    expect(answer.text).toContain('unknown argument colour');
    expect(answer.text).toContain('Nothing was done');
    const example = exampleIn(answer.text);
    const called = await world.call('call_write_operation', {
      operation: 'collections.create',
      arguments: { ...Object(example), project_id: world.sandbox.projectId },
    });
    expect(called, called.text).toMatchObject({ isError: false });
  });
});

describe('each operation of the catalogue', () => {
  let world: WayWorld;
  const [memory] = WAYS;

  beforeAll(async () => {
    if (memory === undefined) throw new Error('there is no way');
    world = await startOver(memory);
  });

  afterAll(() => world.close());

  it.each(catalogue.map(({ id }) => id))('%s is described for a few tokens', async (id) => {
    const answer = await world.call('describe_operation', { operation: id });
    expect(Buffer.byteLength(answer.text)).toBeLessThan(MOST_BYTES);
    const { call, operation } = described.parse(answer.facts);
    expect(operation).toBe(id);
    expect(CALLERS).toContain(call.tool);
    expect(call.arguments.operation).toBe(id);
    const parsed = operationById(id)?.input.safeParse(call.arguments.arguments);
    expect(parsed?.error?.issues).toBeUndefined();
  });

  it.each(catalogue.map(({ id }) => id))('%s is called by one caller alone', async (id) => {
    const { facts } = await world.call('describe_operation', { operation: id });
    const { call } = described.parse(facts);
    for (const caller of CALLERS.filter((tool) => tool !== call.tool)) {
      const answer = await world.call(caller, call.arguments);
      expect(answer).toMatchObject({ isError: true, errorCode: 'wrong_caller' });
      expect(answer.text).toContain(`Call ${call.tool} `);
    }
  });

  const demanding = catalogue.filter(({ input }) => !input.safeParse({}).success);

  it.each(demanding.map((operation) => [operation.id, operation] as const))(
    '%s says what it needs, and shows it',
    async (id, { input }) => {
      const { facts } = await world.call('describe_operation', { operation: id });
      const { call } = described.parse(facts);
      const answer = await world.call(call.tool, { operation: id });
      expect(answer).toMatchObject({ isError: true, errorCode: 'invalid_arguments' });
      for (const name of Object.keys(call.arguments.arguments).slice(0, 10)) {
        expect(answer.text).toContain(`${name}: Required`);
      }
      expect(input.safeParse(exampleIn(answer.text)).error?.issues).toBeUndefined();
    },
  );
});

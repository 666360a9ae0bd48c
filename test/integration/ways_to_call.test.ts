import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from './world.ts';

/** A server that lists what the settings say. */
async function offering(config: Readonly<Record<string, unknown>>): Promise<World> {
  const world = await startWorld({ config: { toolsets: undefined, confirm: 'auto', ...config } });
  onTestFinished(() => world.close());
  return world;
}

const found = z.object({
  operations: z.array(
    z.object({
      operation: z.string(),
      call_with: z.string(),
      asks_first: z.literal(true).optional(),
    }),
  ),
});

async function search(world: World, query: string) {
  const { facts } = await world.call('search_operations', { query, limit: 20 });
  return found.parse(facts).operations;
}

/** What an operator may want to be listed. */
const LISTS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['the default list', {}],
  ['all', { toolsets: ['all'] }],
  ['all but the caller that spends', { excludeTools: ['call_destructive_operation'] }],
  ['the search and the caller that reads', { tools: ['search_operations', 'call_read_operation'] }],
  ['the search beside some operations', { tools: ['search_operations'], toolsets: ['items'] }],
  ['the search alone', { tools: ['search_operations'] }],
  ['what only reads', { readOnly: true }],
];

describe('the search', () => {
  it.each(LISTS)('names only tools that are there, of %s', async (_, config) => {
    const world = await offering(config);
    const { tools } = await world.client.listTools();
    const names = tools.map(({ name }) => name);
    for (const query of ['delete an item', 'search items', 'order imagery', 'make a collection']) {
      for (const { call_with } of await search(world, query)) expect(names).toContain(call_with);
    }
  });
});

describe('an operation that has a tool of its own and no caller', () => {
  const config = {
    tools: ['search_operations', 'describe_operation', 'call_read_operation', 'items_delete'],
  };

  it('is found with that tool', async () => {
    const world = await offering(config);
    expect(await search(world, 'delete an item')).toContainEqual(
      expect.objectContaining({ operation: 'items.delete', call_with: 'items_delete' }),
    );
  });

  it('is described with a call of that tool', async () => {
    const world = await offering(config);
    const { facts } = await world.call('describe_operation', { operation: 'items.delete' });
    const example = { tool: 'items_delete', arguments: { item_id: '<item_id>' } };
    expect(facts).toMatchObject({ call: example });
    expect(await world.call(example.tool, example.arguments)).toMatchObject({
      facts: { status: 'not_done_yet' },
    });
  });

  it('is what another caller leads to', async () => {
    const world = await offering(config);
    const given = { operation: 'items.delete', arguments: { item_id: 'i' } };
    const { errorCode, text } = await world.call('call_read_operation', given);
    expect(errorCode).toBe('wrong_caller');
    expect(text).toContain('Call items_delete');
  });
});

describe('an operation that no tool calls', () => {
  const config = { tools: ['search_operations', 'describe_operation', 'call_read_operation'] };

  it('is not found', async () => {
    const operations = await search(await offering(config), 'delete an item');
    expect(operations).not.toEqual([]);
    expect(operations.map(({ operation }) => operation)).not.toContain('items.delete');
  });

  it.each(['describe_operation', 'call_read_operation'])('is left out for %s', async (tool) => {
    const world = await offering(config);
    const { errorCode, text } = await world.call(tool, { operation: 'items.delete' });
    expect(errorCode).toBe('operation_left_out');
    expect(text).not.toContain('call_destructive_operation');
  });

  it('is not what may have been meant', async () => {
    const world = await offering(config);
    const { text } = await world.call('describe_operation', { operation: 'item.delete' });
    expect(text).toContain("There is no operation 'item.delete'");
    expect(text).not.toContain('items.delete');
  });
});

describe('whether an operation asks first', () => {
  it.each<[string, true | undefined]>([
    ['auto', true],
    ['always', true],
    ['never', undefined],
  ])('is told as it is with --confirm %s', async (confirm, asks) => {
    const world = await offering({ confirm });
    const { facts } = await world.call('describe_operation', { operation: 'items.delete' });
    expect(facts['asks_first']).toBe(asks);
    const operations = await search(world, 'delete an item');
    const removal = operations.find(({ operation }) => operation === 'items.delete');
    expect(removal).toBeDefined();
    expect(removal?.asks_first).toBe(asks);
  });

  it.each([
    ['auto', /asks the user first/],
    ['always', /asks the user first/],
    ['never', /does not ask .* ask the user yourself/],
  ])('is told to begin with, as it is with --confirm %s', async (confirm, told) => {
    const world = await offering({ confirm });
    expect(world.client.getInstructions()).toMatch(told);
  });
});

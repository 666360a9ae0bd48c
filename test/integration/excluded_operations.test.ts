import { describe, expect, it, onTestFinished } from 'vitest';
import { newItem } from './narrowed_items.ts';
import { startWorld } from './world.ts';

async function excluding(...excludeTools: readonly string[]) {
  const world = await startWorld({ config: { toolsets: undefined, excludeTools } });
  onTestFinished(() => world.close());
  const item = await newItem(world.sandbox);
  return { ...world, item, uri: `geopera://items/${item}` };
}

const ITEM = { type: 'ref/resource' as const, uri: 'geopera://items/{item_id}' };

describe('an operation that the operator excludes', () => {
  it.each(['items_get', 'items.list_assets'])('is read by no resource: %s', async (name) => {
    const { client, uri } = await excluding(name);
    await expect(client.readResource({ uri })).rejects.toThrow('not found');
    await expect(client.subscribeResource({ uri })).rejects.toThrow('not found');
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).not.toContain(ITEM.uri);
  });

  it('fills in no variable', async () => {
    const argument = { name: 'item_id', value: '' };
    const { client, item } = await excluding('items_create');
    const known = await client.complete({ ref: ITEM, argument });
    expect(known.completion.values).toEqual([item]);
    const other = await excluding('items.list');
    const unknown = await other.client.complete({ ref: ITEM, argument });
    expect(unknown.completion.values).toEqual([]);
  });

  it('is a resource as ever where another is excluded', async () => {
    const { client, uri } = await excluding('items_delete');
    expect((await client.readResource({ uri })).contents).toHaveLength(1);
  });
});

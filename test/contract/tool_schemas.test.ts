import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InvalidArguments } from '../../src/tools/arguments.ts';
import type { OfferedCall, Tool } from '../../src/tools/tool.ts';
import { everyTool } from '../unit/tools/every_tool.ts';
import { toolCall } from '../unit/tools/tool_calls.ts';
import { workflowWorld } from '../unit/workflows/workflow_world.ts';
import { type ObjectNode, objectsIn, schemaFaults } from './schema_profile.ts';

const toolbox = [...everyTool('both')];

/**
 * Objects that take more members than they name: of free-form operations, which name what the documents
 * show, and of a filter that is spelt in two ways.
 */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  uploads_complete: ['#'],
  clip_create_from_item: ['#'],
  billing_topup: ['#'],
  catalog_search: ['#.query.*'],
  catalog_federated_search: ['#.query.*'],
  catalog_search_stream: ['#', '#.query.*'],
  orders_archive_place: ['#', '#.captures[]'],
  orders_tasking_place: ['#'],
  processing_create: ['#'],
  processing_create_and_dispatch: ['#'],
};

/** A call that must not get as far as doing anything. */
function idleCall(): OfferedCall {
  const folders = () => Promise.reject(new Error('the call went past its arguments'));
  return toolCall(workflowWorld({}), { folders });
}

async function faultsOf(tool: Tool, args: unknown): Promise<readonly string[]> {
  try {
    await tool.invoke(args, idleCall());
    return [];
  } catch (error) {
    return error instanceof InvalidArguments ? error.faults : [];
  }
}

describe('the profile itself', () => {
  it.each([
    ['a reference', { type: 'object', properties: { a: { $ref: '#/b' } } }],
    ['a choice', { type: 'object', properties: { a: { anyOf: [{ type: 'string' }] } } }],
    ['several types', { type: 'object', properties: { a: { type: ['string', 'null'] } } }],
    ['a boolean schema', { type: 'object', properties: { a: true } }],
    ['an empty schema', { type: 'object', properties: { a: {} } }],
    ['items of no type', { type: 'array', items: {} }],
    ['no items', { type: 'array' }],
    ['a format', { type: 'string', format: 'uri' }],
    ['a free member of no type', { type: 'object', additionalProperties: {} }],
    ['an exclusive bound', { type: 'array', items: { type: 'number', exclusiveMinimum: 0 } }],
  ])('sees %s', (_, schema) => {
    expect(schemaFaults(schema)).not.toEqual([]);
  });
});

const namesMembers = ({ properties }: ObjectNode) => Object.keys(properties).length > 0;

describe.each(toolbox)('the input of %s', (name, tool) => {
  const { inputSchema } = tool.listing;
  const [root] = objectsIn(inputSchema);

  it('is an object that every client takes', () => {
    expect(inputSchema.type).toBe('object');
    expect(schemaFaults(inputSchema)).toEqual([]);
  });

  it('closes each object that names its members, but where the API takes more', () => {
    const open = objectsIn(inputSchema).filter(
      (it) => it.additionalProperties !== false && namesMembers(it),
    );
    expect(open.map(({ where }) => where)).toEqual(OPEN[name] ?? []);
  });

  it('lets no object be empty for ever', () => {
    const void_ = objectsIn(inputSchema)
      .slice(1)
      .filter((it) => it.additionalProperties === false && !namesMembers(it));
    expect(void_.map(({ where }) => where)).toEqual([]);
  });

  it('refuses an unknown argument when it is called, unless it says that it takes more', async () => {
    const faults = await faultsOf(tool, { no_such_argument: 1 });
    const known = Object.keys(root?.properties ?? {}).join(', ');
    const refusal = `unknown argument no_such_argument (known: ${known})`;
    expect(faults.filter((fault) => fault.startsWith('unknown'))).toEqual(
      root?.additionalProperties === false ? [refusal] : [],
    );
  });

  it('requires when it is called just what it says it requires', async () => {
    const faults = await faultsOf(tool, {});
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual(
      [...(root?.required ?? [])].sort(),
    );
  });

  it('describes every property', () => {
    const described = Object.entries(root?.properties ?? {}).map(([name, { description }]) => [
      name,
      typeof description === 'string' && /^[A-Z].*\.$/.test(description),
    ]);
    expect(described).toEqual(Object.keys(root?.properties ?? {}).map((name) => [name, true]));
  });

  it('gives a default to no property that is required', () => {
    const settled = Object.entries(root?.properties ?? {}).filter(([, it]) => 'default' in it);
    expect(settled.filter(([name]) => root?.required.includes(name))).toEqual([]);
  });
});

const withOutput = toolbox.flatMap(([name, { listing }]) =>
  listing.outputSchema === undefined ? [] : [[name, listing.outputSchema] as const],
);

describe.each(withOutput)('the output of %s', (_, outputSchema) => {
  it('is an object, open at every level for an API that grows', () => {
    expect(outputSchema.type).toBe('object');
    const closed = objectsIn(outputSchema).filter((it) => it.additionalProperties === false);
    expect(closed.map(({ where }) => where)).toEqual([]);
  });

  it('is by reference nowhere', () => {
    expect(JSON.stringify(outputSchema)).not.toContain('$ref');
  });

  it('requires only what it describes', () => {
    const properties = z.record(z.unknown()).parse(outputSchema.properties ?? {});
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(outputSchema.required ?? []));
  });
});

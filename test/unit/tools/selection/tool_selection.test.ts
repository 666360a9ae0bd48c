import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../src/operations/catalogue.ts';
import {
  NO_WISHES,
  ToolSelection,
  type ToolWishes,
} from '../../../../src/tools/selection/tool_selection.ts';
import { toolName } from '../../../../src/tools/tool_name.ts';
import { anyWishes, EVERY_TOOL } from './wishes.ts';

const offered = (selection: ToolSelection) =>
  EVERY_TOOL.filter((tool) => selection.offers(tool)).map(({ name }) => name);
const reached = (selection: ToolSelection) =>
  catalogue.filter((operation) => selection.reaches(operation)).map(({ id }) => id);

/** A small world, in which all that is offered can be written down. */
const TOOLS = [
  { name: 'upload_local_file', toolsets: ['default', 'uploads'], readOnly: false },
  { name: 'call_read_operation', toolsets: ['default', 'operations'], readOnly: true },
  { name: 'items_search', toolsets: ['default', 'items'], readOnly: true },
  { name: 'items_get', toolsets: ['items'], readOnly: true },
  { name: 'items_delete', toolsets: ['items'], readOnly: false },
  { name: 'orders_place', toolsets: ['orders'], readOnly: false },
] as const;

const BY_DEFAULT = ['upload_local_file', 'call_read_operation', 'items_search'];
const ALL = TOOLS.map(({ name }) => name);

describe('a selection', () => {
  it.each<[string, Partial<ToolWishes>, readonly string[]]>([
    ['nothing', {}, BY_DEFAULT],
    ['the default', { toolsets: ['default'] }, BY_DEFAULT],
    ['all', { toolsets: ['all'] }, ALL],
    ['all beside others', { toolsets: ['items', 'all'] }, ALL],
    ['one toolset', { toolsets: ['items'] }, ['items_search', 'items_get', 'items_delete']],
    ['two toolsets', { toolsets: ['orders', 'uploads'] }, ['upload_local_file', 'orders_place']],
    ['one tool', { tools: ['items_get'] }, ['items_get']],
    ['one tool by its operation', { tools: ['items.get'] }, ['items_get']],
    [
      'a tool beside the default',
      { toolsets: ['default'], tools: ['items_get'] },
      [...BY_DEFAULT, 'items_get'],
    ],
    ['a toolset that does not exist', { toolsets: ['nothing'] }, []],
    ['a tool as a toolset', { toolsets: ['items_get'] }, []],
    ['a toolset as a tool', { tools: ['items', 'all'] }, []],
    ['no toolset', { toolsets: [] }, []],
    ['no tool', { tools: [] }, []],
    ['to exclude one', { excludeTools: ['items_search'] }, BY_DEFAULT.slice(0, 2)],
    [
      'to exclude one of all',
      { toolsets: ['all'], excludeTools: ['items.delete', 'nothing'] },
      ALL.filter((name) => name !== 'items_delete'),
    ],
    [
      'to exclude one, in other letters',
      { excludeTools: ['Items.SEARCH'] },
      BY_DEFAULT.slice(0, 2),
    ],
    ['to exclude what it asks for', { tools: ['items_get'], excludeTools: ['items_get'] }, []],
    ['to read only', { readOnly: true }, ['call_read_operation', 'items_search']],
    [
      'to read only, and all',
      { toolsets: ['all'], readOnly: true },
      ['call_read_operation', 'items_search', 'items_get'],
    ],
    ['to read only, and what writes', { tools: ['items_delete'], readOnly: true }, []],
    [
      'all of these',
      { toolsets: ['items'], tools: ['orders_place'], excludeTools: ['items_get'], readOnly: true },
      ['items_search'],
    ],
  ])('of %s', (_, wishes, names) => {
    const selection = ToolSelection.of({ ...NO_WISHES, ...wishes });
    const chosen = TOOLS.filter((tool) => selection.offers(tool)).map(({ name }) => name);
    expect([...chosen].sort()).toEqual([...names].sort());
  });

  it('offers nothing that is excluded, and nothing that writes where only reading is wanted', () => {
    fc.assert(
      fc.property(anyWishes(), (wishes) => {
        const excluded = new Set(wishes.excludeTools.map(toolName));
        const selection = ToolSelection.of(wishes);
        for (const tool of EVERY_TOOL) {
          if (excluded.has(tool.name)) expect(selection.offers(tool)).toBe(false);
          if (wishes.readOnly && !tool.readOnly) expect(selection.offers(tool)).toBe(false);
        }
        for (const operation of catalogue) {
          const isOut = excluded.has(toolName(operation.id));
          const isWriting = wishes.readOnly && operation.effect !== 'read';
          expect(selection.reaches(operation)).toBe(!isOut && !isWriting);
        }
      }),
    );
  });

  it('offers more with every tool that is asked for, but for those', () => {
    fc.assert(
      fc.property(anyWishes(), fc.constantFrom(...EVERY_TOOL), (wishes, tool) => {
        fc.pre(wishes.tools !== undefined || wishes.toolsets !== undefined);
        const more = { ...wishes, tools: [...(wishes.tools ?? []), tool.name] };
        const [before, after] = [ToolSelection.of(wishes), ToolSelection.of(more)].map(offered);
        expect(after).toEqual(expect.arrayContaining(before ?? []));
        const isBarred =
          wishes.excludeTools.map(toolName).includes(tool.name) ||
          (wishes.readOnly && !tool.readOnly);
        expect(after?.includes(tool.name)).toBe(!isBarred);
      }),
    );
  });
});

describe('a selection that is narrowed', () => {
  it('offers and reaches nothing that it did not before', () => {
    fc.assert(
      fc.property(anyWishes(), fc.array(anyWishes(), { maxLength: 3 }), (wishes, further) => {
        let selection = ToolSelection.of(wishes);
        for (const wish of further) {
          const narrower = selection.narrowed(wish);
          expect(offered(selection)).toEqual(expect.arrayContaining(offered(narrower)));
          expect(reached(selection)).toEqual(expect.arrayContaining(reached(narrower)));
          selection = narrower;
        }
      }),
    );
  });

  it('is the same in whatever order, and however often, that is wished', () => {
    fc.assert(
      fc.property(anyWishes(), anyWishes(), anyWishes(), (wishes, one, other) => {
        const selection = ToolSelection.of(wishes);
        const both = selection.narrowed(one).narrowed(other);
        const turned = selection.narrowed(other).narrowed(one).narrowed(other);
        expect(offered(turned)).toEqual(offered(both));
        expect(reached(turned)).toEqual(reached(both));
      }),
    );
  });

  it('leaves out what is wished away, and keeps what is asked for', () => {
    fc.assert(
      fc.property(anyWishes(), anyWishes(), (wishes, header) => {
        const selection = ToolSelection.of(wishes);
        const alone = ToolSelection.of({ ...header, toolsets: header.toolsets ?? [] });
        const all = { ...NO_WISHES, toolsets: ['all'], excludeTools: header.excludeTools };
        const asksForNone = header.toolsets === undefined && header.tools === undefined;
        const wanted = asksForNone
          ? ToolSelection.of({ ...all, readOnly: header.readOnly })
          : alone;
        const expected = offered(selection).filter((name) => offered(wanted).includes(name));
        expect(offered(selection.narrowed(header))).toEqual(expected);
      }),
    );
  });

  it('is as it was where nothing is wished', () => {
    fc.assert(
      fc.property(anyWishes(), (wishes) => {
        const selection = ToolSelection.of(wishes);
        expect(offered(selection.narrowed(NO_WISHES))).toEqual(offered(selection));
        expect(reached(selection.narrowed(NO_WISHES))).toEqual(reached(selection));
      }),
    );
  });
});

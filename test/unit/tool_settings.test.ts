import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config.ts';
import { ToolSelection } from '../../src/tools/selection/tool_selection.ts';

const tool = (name: string, ...toolsets: readonly string[]) => ({ name, toolsets, readOnly: true });

/** What is listed with these settings, of a default tool and another. */
function listed(settings: object): readonly string[] {
  const selection = ToolSelection.of(configSchema.parse(settings));
  const tools = [tool('items_search', 'default', 'items'), tool('items_get', 'items')];
  return tools.filter((it) => selection.offers(it)).map(({ name }) => name);
}

describe('which tools are listed', () => {
  it.each([
    ['nothing', {}, ['items_search']],
    ['no toolset', { toolsets: [''] }, ['items_search']],
    ['no toolset in many words', { toolsets: [' , ', ''] }, ['items_search']],
    ['no tool', { tools: [''] }, ['items_search']],
    ['neither', { toolsets: [''], tools: [' '] }, ['items_search']],
    ['no tool, but a toolset', { toolsets: ['items'], tools: [''] }, ['items_search', 'items_get']],
    ['no toolset, but a tool', { toolsets: [''], tools: ['items_get'] }, ['items_get']],
    ['two at once', { tools: ['items_get,items_search'] }, ['items_search', 'items_get']],
    ['nothing to exclude', { excludeTools: [''] }, ['items_search']],
    ['all to exclude', { excludeTools: ['items_get items_search'] }, []],
  ])('where %s is named', (_, settings, names) => {
    expect(listed(settings)).toEqual(names);
  });
});

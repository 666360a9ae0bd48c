import { describe, expect, it } from 'vitest';
import { type InstructionFacts, instructions } from '../../src/instructions.ts';
import type { FileAccess } from '../../src/tools/file_access.ts';
import {
  NO_WISHES,
  ToolSelection,
  type ToolWishes,
} from '../../src/tools/selection/tool_selection.ts';
import { createToolbox } from '../../src/tools/toolbox.ts';
import { everyTool, everything } from '../unit/tools/every_tool.ts';
import { quotedWords } from './source_words.ts';
import { unknownOperations, unknownTools } from './tool_words.ts';

/** Clients cut instructions there. */
const MAX_INSTRUCTIONS = 2000;

const ACCESS: readonly FileAccess[] = ['paths', 'links', 'both'];

describe('the check itself', () => {
  it.each([
    ['call uploads_finish', ['uploads_finish'], []],
    ['call uploads.fail or uploads_fail with upload_id', [], []],
    ['look with call_any_operation', ['call_any_operation'], []],
    ['as finish_uploads says', ['finish_uploads'], []],
    ['look with items.fetch.', [], ['items.fetch']],
    ['items.asset, or clip.job.downloads', [], ['items.asset']],
    ['items.search_org is for all, uploads.* for steps', [], []],
    ['in the clip. items are next; in items.', [], []],
    ['https://example.org/items.list/clip.x and ./clip.ts', [], []],
  ])('of %j', (text, tools, operations) => {
    expect(unknownTools(text)).toEqual(tools);
    expect(unknownOperations(text)).toEqual(operations);
  });
});

const wishes = (more: Partial<ToolWishes>) => ToolSelection.of({ ...NO_WISHES, ...more });

/** Which tools an operator may want; instructions lead to no others. */
const SELECTIONS: readonly (readonly [of: string, selection: ToolSelection])[] = [
  ['the default list', wishes({})],
  ['every tool', everything],
  ['what moves files of items', wishes({ toolsets: ['items'] })],
  ['uploads alone', wishes({ toolsets: ['uploads'] })],
  ['the callers alone', wishes({ toolsets: ['operations'] })],
  ['what only reads', wishes({ readOnly: true })],
  ['a list without what spends', wishes({ excludeTools: ['call_destructive_operation'] })],
];

/** In the instructions this is the name that an operation would have. */
const EXAMPLE = 'items_get';

describe('the instructions', () => {
  const sandboxProjectId = 'proj_00000000-0000-4000-8000-000000000000';
  const told = (facts: InstructionFacts, selection = SELECTIONS[0]?.[1]) =>
    instructions(facts, new Set(createToolbox(facts.access, selection).keys()));

  describe.each(ACCESS)('for clients whose files come by %s', (access) => {
    it.each([{ access }, { access, sandboxProjectId }])(
      'are not cut by any client: %j',
      (facts) => {
        expect(told(facts).length).toBeLessThanOrEqual(MAX_INSTRUCTIONS);
      },
    );

    it('lead to the other services where their tools are, and are not cut by it', () => {
      const services = ['opteryx_upload_file', 'geolens_upload_file'];
      const offered = new Set([...createToolbox(access).keys(), ...services]);
      const text = instructions({ access, sandboxProjectId }, offered);
      expect(text.length).toBeLessThanOrEqual(MAX_INSTRUCTIONS);
      for (const tool of services) {
        expect(text).toContain(tool);
        expect(told({ access })).not.toContain(tool);
      }
    });

    it('name the project of the sandbox, where there is one', () => {
      const text = told({ access, sandboxProjectId });
      expect(text).toContain(`project_id ${sandboxProjectId}`);
      expect(told({ access })).not.toContain('sandbox');
    });

    it.each(SELECTIONS)(
      'and %s name no tool and no operation that is not there',
      (_, selection) => {
        const text = told({ access }, selection);
        const offered = [...createToolbox(access, selection).keys(), EXAMPLE];
        expect(unknownTools(text, offered)).toEqual([]);
        expect(unknownOperations(text)).toEqual([]);
      },
    );
  });
});

describe.each(ACCESS)('what tools/list says, with files by %s', (access) => {
  it.each([
    ['by default', createToolbox(access)],
    ['of all', everyTool(access)],
  ])('%s, names no other tool than it lists', (_, toolbox) => {
    const names = [...toolbox.keys()];
    const told = [...toolbox.values()].map(({ listing }) => listing);
    const unknown = told.flatMap(({ name, description, inputSchema }) =>
      unknownTools(`${description} ${JSON.stringify(inputSchema)}`, names).map((it) => [name, it]),
    );
    expect(unknown).toEqual([]);
  });
});

/** Parts of src/ whose words a model may read; the words of the search are for nobody to read. */
const PARTS = ['instructions.ts', 'operations', 'prompts', 'resources', 'settings', 'tools'];

describe.each(PARTS)('what is written in src/%s', (part) => {
  const words = quotedWords(part).filter(([place]) => !place.startsWith('tools/search/'));

  it('is there', () => {
    expect(words).not.toEqual([]);
  });

  it('names no operation that Geopera does not have', () => {
    const unknown = words.map(([place, text]) => [place, unknownOperations(text)] as const);
    expect(unknown.filter(([, ids]) => ids.length > 0)).toEqual([]);
  });

  it('names no tool that does not exist, in any sentence', () => {
    const sentences = words.filter(([, text]) => /\s/.test(text));
    const unknown = sentences.map(([place, text]) => [place, unknownTools(text)] as const);
    expect(unknown.filter(([, names]) => names.length > 0)).toEqual([]);
  });
});

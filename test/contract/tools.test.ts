import { describe, expect, it } from 'vitest';
import { instructions } from '../../src/instructions.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Effect } from '../../src/operations/operation.ts';
import type { Hints } from '../../src/tools/effect_hints.ts';
import type { FileAccess } from '../../src/tools/file_access.ts';
import { createToolbox } from '../../src/tools/toolbox.ts';
import { unknownTools } from './tool_words.ts';

const MAX_INPUT_SCHEMA_BYTES = 12 * 1024;
/** Clients cut instructions there. */
const MAX_INSTRUCTIONS = 2000;

const ACCESS: readonly FileAccess[] = ['paths', 'links', 'both'];

const tools = [...createToolbox('both').values()].map(({ listing }) => listing);
const byName = tools.map((tool) => [tool.name, tool] as const);

const flags = (
  readOnly: boolean,
  destructive: boolean,
  idempotent: boolean,
  openWorld = true,
): Hints => ({
  readOnlyHint: readOnly,
  destructiveHint: destructive,
  idempotentHint: idempotent,
  openWorldHint: openWorld,
});

/** The table of hints, written out: read-only, destructive, idempotent; all reach the network. */
const HINTS: Readonly<Record<Effect, Hints>> = {
  read: flags(true, false, true),
  compute: flags(false, false, false),
  external_spend: flags(false, true, false),
  share_export: flags(false, false, false),
  destructive: flags(false, true, true),
};

/**
 * Composite tools have no tier of the API. A download may replace a file; to cancel a transfer undoes
 * no more than that transfer.
 */
const COMPOSITE_HINTS: Readonly<Record<string, Hints>> = {
  upload_local_file: flags(false, false, false),
  upload_local_files: flags(false, false, false),
  upload_from_url: flags(false, false, false),
  create_upload_link: flags(false, false, false),
  finish_upload: flags(false, false, false),
  download_asset_to_path: flags(false, true, false),
  download_clip_to_path: flags(false, true, false),
  transfer_status: flags(true, false, true, false),
  transfer_cancel: flags(false, false, true),
};

describe.each(byName)('%s', (name, tool) => {
  it('has a name that every client takes', () => {
    expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(name.length).toBeLessThanOrEqual(48);
  });

  it('has a title, also among the annotations', () => {
    expect(tool.title).not.toBe('');
    expect(tool.annotations.title).toBe(tool.title);
  });

  it('has a description whose first sentence is short and stands alone', () => {
    expect(tool.description.length).toBeLessThanOrEqual(1024);
    const [sentence = ''] = tool.description.split(/(?<=\.)\s/);
    expect(sentence.length).toBeLessThanOrEqual(200);
    // It begins with what the tool does, and leans on no other sentence.
    expect(sentence).toMatch(/^[A-Z][a-z]+ .*\.$/);
    expect(sentence).not.toMatch(/^(It|This|These|They|Also)\b/);
  });

  it('has an input schema of bearable size', () => {
    const bytes = Buffer.byteLength(JSON.stringify(tool.inputSchema));
    expect(bytes).toBeLessThanOrEqual(MAX_INPUT_SCHEMA_BYTES);
  });
});

describe('hints and scopes', () => {
  it.each(catalogue.map((it) => [it.id, it.effect] as const))('%s: %s', (id, effect) => {
    const tool = tools.find(({ title }) => title === id);
    expect(tool?.annotations).toEqual({ title: id, ...HINTS[effect] });
  });

  it.each(Object.entries(COMPOSITE_HINTS))('%s', (name, hints) => {
    const tool = tools.find((it) => it.name === name);
    expect(tool?.annotations).toEqual({ title: tool?.title, ...hints });
  });

  it.each([
    ['upload_local_file', 'uploads:write'],
    ['upload_local_files', 'uploads:write'],
    ['upload_from_url', 'uploads:write'],
    ['create_upload_link', 'uploads:write'],
    ['finish_upload', 'uploads:write'],
    ['download_asset_to_path', 'items:read'],
    ['download_clip_to_path', 'clip:read'],
  ])('%s names the scope that it needs', (name, scope) => {
    const tool = tools.find((it) => it.name === name);
    expect(tool?._meta).toEqual({ 'geopera/scope': scope });
  });

  it.each(['transfer_status', 'transfer_cancel'])('%s needs none', (name) => {
    expect(tools.find((it) => it.name === name)?._meta).toEqual({});
  });

  it('of nothing else', () => {
    expect(tools).toHaveLength(catalogue.length + Object.keys(COMPOSITE_HINTS).length);
  });
});

describe('a tool of an operation', () => {
  it.each(catalogue.map((it) => [it.id, it] as const))(
    '%s holds the dotted id',
    (id, operation) => {
      const tool = tools.find(({ name }) => name === id.replaceAll('.', '_'));
      expect(tool?.title).toBe(id);
      expect(tool?._meta).toEqual({
        'geopera/operation': id,
        'geopera/scope': operation.scope,
        'geopera/effect': operation.effect,
      });
      expect(tool?.description).toContain(operation.summary);
      expect(tool?.description).toContain(operation.scope);
    },
  );
});

describe('the instructions', () => {
  const sandboxProjectId = 'proj_00000000-0000-4000-8000-000000000000';

  describe.each(ACCESS)('for clients whose files come by %s', (access) => {
    it.each([{ access }, { access, sandboxProjectId }])(
      'are not cut by any client: %j',
      (facts) => {
        expect(instructions(facts).length).toBeLessThanOrEqual(MAX_INSTRUCTIONS);
      },
    );

    it('name the project of the sandbox, where there is one', () => {
      const text = instructions({ access, sandboxProjectId });
      expect(text).toContain(`project_id ${sandboxProjectId}`);
      expect(instructions({ access })).not.toContain('sandbox');
    });
  });
});

describe('all that tools/list says', () => {
  it('is as it was agreed', async () => {
    const listing = `${JSON.stringify(tools, undefined, 2)}\n`;
    await expect(listing).toMatchFileSnapshot('tools.snap');
  });

  it.each(ACCESS)('names no tool that is not there, with files by %s', (access) => {
    const offered = [...createToolbox(access).values()].map(({ listing }) => listing);
    const names = offered.map(({ name }) => name);
    for (const { name, description } of offered) {
      expect([name, unknownTools(description, names)]).toEqual([name, []]);
    }
    const schemas = JSON.stringify(offered.map(({ inputSchema }) => inputSchema));
    expect(unknownTools(schemas, names)).toEqual([]);
    expect(unknownTools(instructions({ access }), names)).toEqual([]);
    expect(unknownTools('call uploads_finish', names)).toEqual(['uploads_finish']);
  });
});

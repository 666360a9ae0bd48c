import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Effect } from '../../src/operations/operation.ts';
import type { Hints } from '../../src/tools/effect_hints.ts';
import type { FileAccess } from '../../src/tools/file_access.ts';
import { createToolbox } from '../../src/tools/toolbox.ts';
import { everyTool } from '../unit/tools/every_tool.ts';

const MAX_TOOL_TOKENS = 600;
const MAX_INPUT_SCHEMA_BYTES = 12 * 1024;

const listed = (access: FileAccess) =>
  [...createToolbox(access).values()].map(({ listing }) => listing);
const tools = [...everyTool('both').values()].map(({ listing }) => listing);
const byName = tools.map((tool) => [tool.name, tool] as const);

/** By the rule of thumb that four bytes are a token. */
const tokens = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) / 4;

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
 * Other tools have no tier of the API. A download, or an answer that is saved, may replace a file; to cancel a transfer undoes no more
 * than that transfer; a caller is as grave as the gravest of what it calls, and the one that spends is
 * not to be called twice. What this server knows by itself reaches no network.
 */
const COMPOSITE_HINTS: Readonly<Record<string, Hints>> = {
  upload_local_file: flags(false, false, false),
  upload_local_files: flags(false, false, false),
  upload_from_url: flags(false, false, false),
  create_upload_link: flags(false, false, false),
  finish_upload: flags(false, false, false),
  download_asset_to_path: flags(false, true, false),
  download_clip_to_path: flags(false, true, false),
  save_answer_to_path: flags(false, true, false),
  transfer_status: flags(true, false, true, false),
  transfer_cancel: flags(false, false, true),
  search_operations: flags(true, false, true, false),
  describe_operation: flags(true, false, true, false),
  call_read_operation: flags(true, false, true),
  call_write_operation: flags(false, false, false),
  call_destructive_operation: flags(false, true, false),
};

/** The scope that every call of such a tool needs. */
const COMPOSITE_SCOPES: Readonly<Record<string, string>> = {
  upload_local_file: 'uploads:write',
  upload_local_files: 'uploads:write',
  upload_from_url: 'uploads:write',
  create_upload_link: 'uploads:write',
  finish_upload: 'uploads:write',
  download_asset_to_path: 'items:read',
  download_clip_to_path: 'clip:read',
};

describe.each(byName)('%s', (name, tool) => {
  it('has a name that every client takes', () => {
    expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(name.length).toBeLessThanOrEqual(48);
  });

  it('has a title', () => {
    expect(tool.title).toMatch(/^\S.*\S$/);
  });

  it('has a description whose first sentence is short and stands alone', () => {
    expect(tool.description.length).toBeLessThanOrEqual(1024);
    const [sentence = ''] = tool.description.split(/(?<=\.)\s/);
    expect(sentence.length).toBeLessThanOrEqual(200);
    // It begins with what the tool does, and leans on no other sentence.
    expect(sentence).toMatch(/^[A-Z][a-z]+,? .*\.$/);
    expect(sentence).not.toMatch(/^(It|This|These|They|Also)\b/);
  });

  it('has an input schema of bearable size', () => {
    const bytes = Buffer.byteLength(JSON.stringify(tool.inputSchema));
    expect(bytes).toBeLessThanOrEqual(MAX_INPUT_SCHEMA_BYTES);
  });

  it('costs little', () => {
    expect(tokens(tool)).toBeLessThanOrEqual(MAX_TOOL_TOKENS);
  });
});

describe('hints and scopes', () => {
  it.each(catalogue.map((it) => [it.id, it.effect] as const))('%s: %s', (id, effect) => {
    const tool = tools.find(({ title }) => title === id);
    expect(tool?.annotations).toEqual(HINTS[effect]);
  });

  it.each(Object.entries(COMPOSITE_HINTS))('%s', (name, hints) => {
    const tool = tools.find((it) => it.name === name);
    expect(tool?.annotations).toEqual(hints);
    const scope = COMPOSITE_SCOPES[name];
    expect(tool?._meta).toEqual(scope === undefined ? {} : { 'geopera/scope': scope });
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
      });
      expect(tool?.description).toContain(operation.summary);
      expect(tool?.description).toContain(operation.scope);
      // What it answers stands in describe_operation, where it costs only who asks.
      expect(tool).not.toHaveProperty('outputSchema');
    },
  );

  it('that asks first takes the confirmation of the user, and no other does', () => {
    const taking = tools.filter(({ inputSchema: { properties } }) => properties?.['confirmation']);
    const asking = catalogue.filter(({ asksFirst }) => asksFirst).map(({ id }) => id);
    const callers = ['call_write_operation', 'call_destructive_operation'];
    expect(taking.map(({ name }) => name).sort()).toEqual(
      [...callers, ...asking.map((id) => id.replaceAll('.', '_'))].sort(),
    );
  });
});

describe('an output schema', () => {
  it('is there only where programs read the answer', () => {
    const withOutput = tools.filter(({ outputSchema }) => outputSchema !== undefined);
    expect(withOutput.map(({ name }) => name)).toEqual([
      'upload_local_file',
      'upload_local_files',
      'download_asset_to_path',
      'download_clip_to_path',
      'upload_from_url',
      'create_upload_link',
      'finish_upload',
      'transfer_status',
      'transfer_cancel',
    ]);
  });
});

const BY_PATH = [
  'upload_local_file',
  'upload_local_files',
  'download_asset_to_path',
  'download_clip_to_path',
  'save_answer_to_path',
];
const BY_LINK = ['upload_from_url', 'create_upload_link', 'finish_upload'];
const ALWAYS = [
  'transfer_status',
  'transfer_cancel',
  'search_operations',
  'describe_operation',
  'call_read_operation',
  'call_write_operation',
  'call_destructive_operation',
  'uploads_initiate',
  'uploads_signed_url',
  'uploads_progress',
  'uploads_complete',
  'uploads_fail',
  'items_search',
  'items_list_assets',
  'items_asset_download',
  'clip_jobs_list',
  'clip_job_downloads',
  'clip_job_download',
  'collections_list',
];

interface DefaultList {
  readonly access: FileAccess;
  readonly names: readonly string[];
  readonly maxTokens: number;
}

/** What `tools/list` answers if nothing else is asked for, and what that may cost. */
const DEFAULT_LISTS: readonly DefaultList[] = [
  { access: 'paths', names: [...BY_PATH, ...ALWAYS], maxTokens: 6000 },
  { access: 'links', names: [...BY_LINK, ...ALWAYS], maxTokens: 6000 },
  // Only where a server over HTTP was given folders: its operator shares a machine with the clients.
  { access: 'both', names: [...BY_PATH, ...BY_LINK, ...ALWAYS], maxTokens: 7300 },
];

describe.each(DEFAULT_LISTS)('the default list, with files by $access', (list) => {
  it('is these tools, those that do whole jobs first', () => {
    expect(listed(list.access).map(({ name }) => name)).toEqual(list.names);
  });

  it('costs no more than was agreed', () => {
    expect(tokens({ tools: listed(list.access) })).toBeLessThanOrEqual(list.maxTokens);
  });
});

describe('the default list', () => {
  it('says what was agreed', async () => {
    const listing = `${JSON.stringify(listed('both'), undefined, 2)}\n`;
    await expect(listing).toMatchFileSnapshot('tools.snap');
  });
});

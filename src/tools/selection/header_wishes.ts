import type { ToolWishes } from './tool_selection.ts';

export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** As other servers name them, so that a host's settings need not know whose server it is. */
const TOOLSETS = 'x-mcp-toolsets';
const TOOLS = 'x-mcp-tools';
const EXCLUDE_TOOLS = 'x-mcp-exclude-tools';
const READ_ONLY = 'x-mcp-readonly';

/** Values by which a header says no; anything else that it says is a yes. */
const NO = new Set(['', '0', 'false', 'f', 'no', 'n', 'off']);

/** What the headers of a request want less of; undefined if they say nothing of tools. */
export function wishesInHeaders(headers: RequestHeaders): ToolWishes | undefined {
  const toolsets = names(headers[TOOLSETS]);
  const tools = names(headers[TOOLS]);
  const excludeTools = names(headers[EXCLUDE_TOOLS]) ?? [];
  const readOnly = !NO.has(text(headers[READ_ONLY]).trim().toLowerCase());
  if (toolsets === undefined && tools === undefined && excludeTools.length === 0 && !readOnly) {
    return undefined;
  }
  return { toolsets, tools, excludeTools, readOnly };
}

/** A header without a name in it says nothing. */
function names(value: string | readonly string[] | undefined): readonly string[] | undefined {
  const found = text(value)
    .split(/[\s,]+/)
    .filter((name) => name !== '');
  return found.length === 0 ? undefined : found;
}

function text(value: string | readonly string[] | undefined): string {
  return Array.isArray(value) ? value.join(',') : String(value ?? '');
}

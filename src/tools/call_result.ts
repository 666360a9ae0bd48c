import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { WorkflowLog } from '../workflows/context.ts';
import { explain } from './explain.ts';
import { INTERNAL } from './explanation.ts';
import type { FileLink, ToolAnswer } from './tool.ts';

/** A call's answer: the same facts as structured content and as text, and a link to a file made. */
export function answerResult(answer: ToolAnswer): CallToolResult {
  const structuredContent = { ...answer.facts };
  return {
    content: [
      { type: 'text', text: JSON.stringify(structuredContent) },
      ...(answer.file === undefined ? [] : [resourceLink(answer.file)]),
    ],
    structuredContent,
  };
}

/** The one way from a thrown error to what the model reads: no stack, no secret, no signed URL. */
export function errorResult(tool: string, error: unknown, log: WorkflowLog): CallToolResult {
  const { code, what, next, retryable } = explain(error);
  if (code === INTERNAL.code) log.warn({ tool, err: error }, 'a tool failed unexpectedly');
  return {
    isError: true,
    content: [{ type: 'text', text: `${what}\n${next}` }],
    // Structured content would have to fit the tool's output schema, so programs read this instead.
    _meta: { 'geopera/error': { code, retryable } },
  };
}

function resourceLink(file: FileLink): CallToolResult['content'][number] {
  return {
    type: 'resource_link',
    uri: pathToFileURL(file.path).href,
    name: basename(file.path),
    size: file.bytes,
    ...(file.mediaType === undefined ? {} : { mimeType: file.mediaType }),
  };
}

import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { plainNames } from '../geopera/plain_text.ts';
import type { WorkflowLog } from '../workflows/context.ts';
import { AnswerTooLarge } from './answer_too_large.ts';
import { explain } from './explain.ts';
import { INTERNAL } from './explanation.ts';
import type { AnswerImage, FileLink, OfferedCall, Tool, ToolAnswer } from './tool.ts';

/** Clients read a message of at most 10 MiB, and models far less; each answer goes out twice. */
const MAX_ANSWER_CHARS = 1_000_000;

/** Runs a tool; whatever it throws becomes words for the model, here and nowhere else. */
export async function runTool(
  tool: Tool,
  args: unknown,
  call: OfferedCall,
): Promise<CallToolResult> {
  try {
    return answerResult(await tool.invoke(args, call));
  } catch (error) {
    return errorResult(tool.name, error, call.context.log);
  }
}

/** The same facts as structured content and as text; a file made, images, and which facts are secrets. */
export function answerResult(answer: ToolAnswer): CallToolResult {
  const structuredContent = { ...answer.facts };
  const text = JSON.stringify(structuredContent);
  if (text.length > MAX_ANSWER_CHARS) throw new AnswerTooLarge(text.length);
  const { file, images = [], secrets = [] } = answer;
  const hasSecrets = secrets.length > 0;
  return {
    content: [
      { type: 'text', text },
      ...images.map(imageContent),
      ...(file === undefined ? [] : [resourceLink(file)]),
      ...(hasSecrets ? [secretsWarning(secrets)] : []),
    ],
    structuredContent,
    ...(hasSecrets && { _meta: { 'geopera/secrets': [...secrets] } }),
  };
}

/** No stack, no secret, no signed URL. */
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

/** @returns undefined for a result that is no error */
export function errorCodeOf({ isError, _meta }: CallToolResult): string | undefined {
  if (isError !== true) return undefined;
  const error = _meta?.['geopera/error'];
  const named = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return String(named);
}

function imageContent({ data, mediaType }: AnswerImage): CallToolResult['content'][number] {
  return { type: 'image', data, mimeType: mediaType };
}

/** For the model; hosts read the same from `_meta`. */
function secretsWarning(secrets: readonly string[]): CallToolResult['content'][number] {
  const text = `Secret, as whoever knows it can use it: ${plainNames(secrets)}. Show it to the user who asked for it and to nobody else; write it to no file, log or memory, and do not repeat it later. An API key or a share token is not shown a second time.`;
  return { type: 'text', text };
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

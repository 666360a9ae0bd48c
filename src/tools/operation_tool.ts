import { z } from 'zod';
import type { Operation } from '../operations/operation.ts';
import { EFFECT_HINTS } from './effect_hints.ts';
import { defineTool, type Tool, type ToolCall } from './tool.ts';

/** `uploads.initiate` → `uploads_initiate`: several clients refuse or garble a dot in a name. */
export function toolName(operationId: string): string {
  return operationId.replaceAll('.', '_');
}

/** Any operation as a tool, from its record alone. */
export function operationTool(operation: Operation): Tool {
  const { id, scope, effect, summary, input, output } = operation;
  return defineTool({
    name: toolName(id),
    title: id,
    description: `${summary} Needs scope ${scope}.`,
    hints: EFFECT_HINTS[effect],
    scope,
    meta: { 'geopera/operation': id, 'geopera/effect': effect },
    input,
    output: output instanceof z.ZodObject ? output : z.object({}),
    run: async (args, call) => ({ facts: asFacts(await answer(operation, args, call)) }),
  });
}

/** A model that called a single operation is better told to wait than kept waiting. */
const TERMS = { patienceMs: 10_000 };

async function answer(operation: Operation, args: unknown, call: ToolCall): Promise<unknown> {
  const { geopera } = call.context;
  const body = operation.input.parse(args);
  if (operation.response === 'json') return geopera.call(operation, body, call.signal, TERMS);
  const file = await geopera.openFile(operation, body, call.signal, TERMS);
  switch (file.kind) {
    case 'json':
      return file.value;
    case 'redirect':
      return { url: file.location };
    case 'body':
      file.discard();
      return {
        streamed: true,
        media_type: file.headers['content-type'],
        bytes: Number(file.headers['content-length'] ?? Number.NaN) || undefined,
        next: 'The API sent the file itself, and this tool keeps no bytes. Where there is a tool that downloads clips to a path, call that.',
      };
  }
}

/** Structured content must be an object; a list or a bare value goes under `results`. */
function asFacts(value: unknown): Record<string, unknown> {
  const object = z.record(z.unknown()).safeParse(value);
  return object.success ? object.data : { results: value ?? null };
}

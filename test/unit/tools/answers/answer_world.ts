import { z } from 'zod';
import type { FileAnswer } from '../../../../src/geopera/answers.ts';
import { defineOperation, type Operation } from '../../../../src/operations/operation.ts';
import { type AnswerView, answerOf } from '../../../../src/tools/answers/answer_of.ts';
import type { OfferedCall, ToolAnswer } from '../../../../src/tools/tool.ts';
import type { FakeAnswers } from '../../geopera/fake_geopera.ts';
import { workflowWorld } from '../../workflows/workflow_world.ts';
import { toolCall } from '../tool_calls.ts';

/** The bound that every answer keeps: 8,000 tokens of four bytes. */
export const MOST_BYTES = 32_000;

/** An operation as the catalogue has them, for what its answer becomes. */
export function operation(
  more: Partial<Operation> = {},
  input: z.ZodRawShape = { id: z.string().optional() },
): Operation {
  return defineOperation({
    id: 'things.get',
    scope: 'things:read',
    effect: 'read',
    summary: 'Things.',
    ...more,
    input: () => z.object(input),
    output: () => z.unknown(),
  });
}

export interface Asking {
  readonly body?: Readonly<Record<string, unknown>>;
  readonly view?: Partial<AnswerView>;
  readonly call?: Partial<OfferedCall>;
}

/** What a fake API's answer becomes. */
export function answerFrom(
  answers: FakeAnswers,
  asked: Operation,
  { body = {}, view = {}, call = {} }: Asking = {},
): Promise<ToolAnswer> {
  const parsed = asked.input.parse(body);
  const made = toolCall(workflowWorld(answers), call);
  return answerOf(asked, parsed, { skip: 0, ...view }, made, {});
}

/** The same for an API that answers with a value. */
export function answerTo(
  value: unknown,
  view: Partial<AnswerView> = {},
  more: Partial<Operation> = {},
) {
  return answerFrom({ call: async () => value }, operation(more), { view });
}

export const jsonBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const noteModel = z.object({
  geopera_mcp: z
    .object({
      shown: z.object({
        from: z.number(),
        count: z.number(),
        of: z.number().optional(),
        says: z.string(),
      }),
      next: z.object({
        tool: z.string(),
        says: z.string().optional(),
        arguments: z.object({
          operation: z.string(),
          arguments: z.record(z.unknown()),
          skip: z.number().optional(),
          part: z.string().optional(),
        }),
      }),
      whole: z.object({ arguments: z.object({ part: z.string() }).passthrough() }).passthrough(),
      left_out: z.array(
        z.object({ member: z.string(), bytes: z.number() }).partial().passthrough(),
      ),
      broken_lines: z.array(z.object({ line: z.number(), says: z.string() })),
      says: z.string(),
    })
    .partial()
    .default({}),
});

/** What is noted beside an answer. */
export function noteOf({ facts }: Pick<ToolAnswer, 'facts'>) {
  return noteModel.parse(facts).geopera_mcp;
}

/** A body as the API sends it, and how often it was closed. */
export function sentBody(
  chunks: Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
) {
  const sent = { closed: 0, read: 0 };
  async function* body() {
    for await (const chunk of chunks) {
      sent.read += 1;
      yield Buffer.from(chunk);
    }
  }
  const file: FileAnswer = {
    kind: 'body',
    headers,
    body: body(),
    discard: () => {
      sent.closed += 1;
    },
  };
  return { sent, file };
}

/** What the answer of an operation becomes that is not for JSON. */
export function answerToFile(
  file: FileAnswer,
  more: Partial<Operation>,
  view: Partial<AnswerView> = {},
  call: Partial<OfferedCall> = {},
): Promise<ToolAnswer> {
  return answerFrom({ openFile: async () => file }, operation(more), { view, call });
}

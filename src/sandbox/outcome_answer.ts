import type { SandboxContext } from './context.ts';
import { type Answer, jsonAnswer, textAnswer } from './delivery.ts';
import type { Outcome } from './operation_handler.ts';
import { successStatus } from './published_exceptions.ts';
import { countEgress } from './storage_get.ts';

/** An answer to send, and who counts what was sent of it. */
export interface Prepared {
  readonly answer: Answer;
  readonly onSent?: (bytes: number) => void;
}

/** What an operation did, as an answer over HTTP. */
export function outcomeAnswer(
  context: SandboxContext,
  operationId: string,
  outcome: Outcome,
): Prepared {
  const status = successStatus(operationId);
  if ('json' in outcome) return { answer: jsonAnswer(status, outcome.json) };
  if ('redirect' in outcome) {
    return { answer: textAnswer(307, 'text/plain', '', { Location: outcome.redirect }) };
  }
  if ('lines' in outcome) return { answer: linesAnswer(status, outcome.lines) };
  if ('body' in outcome) return { answer: bodyAnswer(status, outcome.mediaType, outcome.body) };
  const { object } = outcome;
  const body = context.objects.read(object, 0, object.size_bytes - 1);
  const headers = { 'Content-Type': object.content_type };
  return {
    answer: { status: 200, headers, length: object.size_bytes, body },
    onSent: (bytes) => countEgress(context, bytes),
  };
}

function bodyAnswer(status: number, mediaType: string, content: string | Uint8Array): Answer {
  const bytes = Buffer.from(content);
  return { status, headers: { 'Content-Type': mediaType }, length: bytes.length, body: [bytes] };
}

/** Nobody knows the length of a search that is still going on. */
function linesAnswer(status: number, lines: Iterable<unknown>): Answer {
  const headers = { 'Content-Type': 'application/x-ndjson' };
  return { status, headers, length: undefined, body: encoded(lines) };
}

function* encoded(lines: Iterable<unknown>): Generator<Buffer> {
  for (const line of lines) yield Buffer.from(`${JSON.stringify(line)}\n`);
}

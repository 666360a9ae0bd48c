import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { paceOf } from '../pace.ts';
import type { OpteryxFaultAction } from './opteryx_faults.ts';
import { ConnectionGone, invalidRequest, refusal } from './refusals.ts';

/** A request with whom it is answered to, and what is to go wrong with it. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: OpteryxFaultAction | undefined;
}

const MAX_JSON_BYTES = 1024 * 1024;

/**
 * The body as it arrives.
 *
 * @param limit most bytes; one more is answered 413 with `tooLarge`
 * @throws ConnectionGone, Refusal
 */
export async function* receivedBody(
  { request, response, fault }: Incoming,
  limit: number,
  tooLarge: string,
): AsyncGenerator<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw refusal(413, tooLarge);
  const never = Number.POSITIVE_INFINITY;
  const cut = fault && 'cut_after_bytes' in fault ? fault.cut_after_bytes : never;
  const stall = fault && 'stall_after_bytes' in fault ? fault.stall_after_bytes : never;
  const slow = fault && 'bytes_per_second' in fault ? fault : undefined;
  const pace = paceOf(slow, response);
  let seen = 0;
  // Left early, an iterated request would take its connection along, and with it the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    seen += chunk.length;
    if (seen >= cut || seen >= stall) break;
    if (seen > limit) throw refusal(413, tooLarge);
    await pace?.(chunk.length);
    yield chunk;
  }
  if (cut === never && stall === never) {
    if (!request.complete) throw new ConnectionGone();
    return;
  }
  if (stall !== never && !response.closed) await once(response, 'close');
  throw new ConnectionGone();
}

/** The whole of a body. @throws ConnectionGone, Refusal 413 */
export async function wholeBody(incoming: Incoming, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of receivedBody(incoming, limit, 'The body is too large.')) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A JSON body; undefined if there is none. @throws Refusal 422 if it is no JSON */
export async function jsonBody(incoming: Incoming): Promise<unknown> {
  const text = (await wholeBody(incoming, MAX_JSON_BYTES)).toString('utf8');
  return text.trim() === '' ? undefined : parsedJson(text);
}

/** @throws Refusal 422 */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const problem = { loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' };
    throw invalidRequest([problem]);
  }
}

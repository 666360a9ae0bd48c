import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FaultAction } from './faults.ts';
import { type Pace, paceOf } from './pace.ts';

const SLOW_PIECE_BYTES = 16 * 1024;

/** An answer to send. `length` is the number of body bytes; undefined if that shows only at its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number | undefined;
  readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** An answer whose body is at hand. */
export function textAnswer(
  status: number,
  mediaType: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = Buffer.from(text);
  return {
    status,
    headers: { ...headers, 'Content-Type': mediaType },
    length: body.length,
    body: [body],
  };
}

export function jsonAnswer(status: number, value: unknown, mediaType = 'application/json'): Answer {
  return textAnswer(status, mediaType, JSON.stringify(value));
}

/**
 * Sends an answer, or as much of it as the fault allows, counting the body bytes that went out.
 * A client that leaves ends the sending; that is its right and no error.
 */
export async function deliver(
  response: ServerResponse,
  answer: Answer,
  fault?: FaultAction,
  onSent: (bytes: number) => void = () => {},
): Promise<void> {
  if (fault && 'lose_answer' in fault) {
    response.destroy();
    return;
  }
  const end = deliveryEnd(fault);
  const whole = end.how !== 'finish' || end.after >= (answer.length ?? 0);
  const length = whole ? answer.length : undefined;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(length === undefined ? {} : { 'Content-Length': String(length) }),
  });
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  const pace = paceOf(fault, response);
  const body = pace === undefined ? answer.body : inSmallPieces(answer.body);
  const sentAll = await sendBody(response, body, end.after, onSent, pace);
  if (sentAll) await finish(response, end.how);
}

interface DeliveryEnd {
  readonly after: number;
  readonly how: 'finish' | 'cut' | 'stall';
}

function deliveryEnd(fault: FaultAction | undefined): DeliveryEnd {
  if (fault && 'cut_after_bytes' in fault) return { after: fault.cut_after_bytes, how: 'cut' };
  if (fault && 'stall_after_bytes' in fault) {
    return { after: fault.stall_after_bytes, how: 'stall' };
  }
  if (fault && 'truncate_to_bytes' in fault) {
    return { after: fault.truncate_to_bytes, how: 'finish' };
  }
  return { after: Number.POSITIVE_INFINITY, how: 'finish' };
}

/** Answers false if the client left before `limit` bytes or the end of the body. */
async function sendBody(
  response: ServerResponse,
  body: Answer['body'],
  limit: number,
  onSent: (bytes: number) => void,
  pace: Pace | undefined,
): Promise<boolean> {
  let left = limit;
  for await (const chunk of body) {
    const piece = chunk.subarray(0, Math.min(left, chunk.length));
    if (piece.length > 0) {
      if (!(await sent(response, piece))) return false;
      onSent(piece.length);
      left -= piece.length;
      await pace?.(piece.length);
    }
    if (left <= 0) break;
  }
  return true;
}

/** A slow body that came in large pieces would be a row of silences. */
async function* inSmallPieces(body: Answer['body']): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += SLOW_PIECE_BYTES) {
      yield chunk.subarray(at, at + SLOW_PIECE_BYTES);
    }
  }
}

/** Resolves true once the kernel has the bytes, false if the connection is gone. */
function sent(response: ServerResponse, piece: Uint8Array): Promise<boolean> {
  if (response.destroyed || response.closed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const gone = () => resolve(false);
    response.once('close', gone);
    response.write(piece, (error) => {
      response.off('close', gone);
      resolve(!error);
    });
  });
}

async function finish(response: ServerResponse, how: DeliveryEnd['how']): Promise<void> {
  if (how === 'finish') {
    response.end();
  } else if (how === 'cut') {
    response.socket?.destroySoon();
  } else if (!response.closed) {
    await once(response, 'close');
  }
}

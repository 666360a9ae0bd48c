import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxContext } from './context.ts';
import { deliver, textAnswer } from './delivery.ts';
import type { FaultAction } from './faults.ts';
import { paceOf } from './pace.ts';
import type { StoredObject } from './state_model.ts';
import { StorageError, storageErrorAnswer } from './storage_errors.ts';

/** A request whose signature was found good. */
export interface StorageExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly objectPath: string;
  readonly fault: FaultAction | undefined;
}

/** The client went away, or a fault made the sandbox hang up: there is nobody to answer. */
class ConnectionGone extends Error {
  override readonly name = 'ConnectionGone';
}

/** Takes the body of a PUT into the storage and states what it holds. */
export async function receiveObject(
  context: SandboxContext,
  exchange: StorageExchange,
): Promise<void> {
  const { request, response, objectPath, fault } = exchange;
  if (fault && 'early_refusal' in fault) {
    await refuseEarly(exchange, fault.early_refusal);
    return;
  }
  if (request.headers['content-length'] === undefined) {
    throw new StorageError(411, 'MissingContentLength', 'You must provide the Content-Length.');
  }
  const contentType = request.headers['content-type'] ?? 'application/octet-stream';
  try {
    const body = received(exchange);
    const object = await context.objects.write(objectPath, contentType, body);
    await context.store.save();
    const answer = textAnswer(200, 'text/html; charset=UTF-8', '', objectHeaders(object, fault));
    await deliver(response, answer, fault);
  } catch (error) {
    if (!(error instanceof ConnectionGone)) throw error;
    // Not through the request: an iterated request lets go of its socket when the loop is left.
    response.destroy();
  }
}

/** What the storage states about an object, in the headers of PUT and GET answers. */
export function objectHeaders(
  object: StoredObject,
  fault: FaultAction | undefined,
): Record<string, string> {
  const lie = fault && 'lie' in fault ? fault.lie : undefined;
  const told =
    lie === 'checksum' ? { crc32c: 'AAAAAA==', md5: 'A'.repeat(22).concat('==') } : object;
  const storedLength = object.size_bytes + (lie === 'length' ? 1 : 0);
  return {
    ETag: etagOf(object),
    'x-goog-generation': object.generation,
    'x-goog-hash': `crc32c=${told.crc32c},md5=${told.md5}`,
    'x-goog-stored-content-encoding': 'identity',
    'x-goog-stored-content-length': String(storedLength),
  };
}

export function etagOf(object: StoredObject): string {
  return `"${Buffer.from(object.md5, 'base64').toString('hex')}"`;
}

/** The body as it arrives, or as much of it as the fault lets in. */
async function* received({ request, response, fault }: StorageExchange): AsyncGenerator<Buffer> {
  const limits = bodyLimits(fault);
  const pace = paceOf(fault, response);
  let seen = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue;
      const before = seen;
      seen += chunk.length;
      const kept = chunk.subarray(0, Math.max(0, limits.keep - before));
      if (kept.length > 0) yield kept;
      await pace?.(chunk.length);
      if (seen >= limits.cut) throw new ConnectionGone();
      if (seen >= limits.stall) {
        request.pause();
        if (!response.closed) await once(response, 'close');
        throw new ConnectionGone();
      }
    }
  } catch (cause) {
    // Reading a request fails for one reason alone.
    throw new ConnectionGone('The connection ended before the body did.', { cause });
  }
  if (!request.complete) throw new ConnectionGone();
}

function bodyLimits(fault: FaultAction | undefined): { keep: number; cut: number; stall: number } {
  const never = Number.POSITIVE_INFINITY;
  return {
    keep: fault && 'truncate_to_bytes' in fault ? fault.truncate_to_bytes : never,
    cut: fault && 'cut_after_bytes' in fault ? fault.cut_after_bytes : never,
    stall: fault && 'stall_after_bytes' in fault ? fault.stall_after_bytes : never,
  };
}

/**
 * Answers before the body is in and closes the sending side; the rest of the body is read and
 * dropped, so that the answer is not lost to a connection reset.
 */
async function refuseEarly(
  { request, response }: StorageExchange,
  refusal: { status: number; code: string },
): Promise<void> {
  const error = new StorageError(refusal.status, refusal.code, 'Refused before the body was in.');
  const { socket } = request;
  response.once('finish', () => socket.end());
  await deliver(response, storageErrorAnswer(error));
  request.resume();
}

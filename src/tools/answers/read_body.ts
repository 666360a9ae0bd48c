import { type FileAnswer, notTheApi, unreachable } from '../../geopera/answers.ts';
import { withDeadline } from '../../geopera/deadline.ts';
import { GeoperaError } from '../../geopera/geopera_error.ts';
import { interruptible } from '../../transfer/cancellable.ts';
import type { OperationCall } from './operation_call.ts';

/** Bytes that the API itself sends. */
export type SentBody = Extract<FileAnswer, { kind: 'body' }>;

/** How long a body may go on once it has begun. */
const BODY_SECONDS = 30;

/**
 * Reads a body until it ends, or until the reader has enough; either way it is closed.
 *
 * @param take answers false when it has enough
 * @throws GeoperaError `unreachable` where it breaks off, or goes on for too long; or the signal's reason
 */
export async function readBody(
  { body, discard }: SentBody,
  { operation, call }: OperationCall,
  take: (chunk: Uint8Array) => boolean,
): Promise<void> {
  try {
    await withDeadline(operation.id, BODY_SECONDS, call.signal, async (signal) => {
      for await (const chunk of interruptible(body, signal)) if (!take(chunk)) return;
    });
  } catch (cause) {
    call.signal.throwIfAborted();
    throw cause instanceof GeoperaError ? cause : unreachable(operation.id, cause);
  } finally {
    discard();
  }
}

/** The first bytes of a body: all of them if there are no more than that many. */
export async function readStart(
  body: SentBody,
  most: number,
  asked: OperationCall,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await readBody(body, asked, (chunk) => {
    chunks.push(chunk);
    length += chunk.byteLength;
    return length <= most;
  });
  const bytes = Buffer.concat(chunks);
  return { bytes: bytes.subarray(0, most), isWhole: bytes.byteLength <= most };
}

/**
 * A page for people, where a picture or data was due, is of somebody else: of a proxy that wants a sign-in.
 *
 * @throws GeoperaError `not_the_api`
 */
export function mustBeNoWebPage(body: SentBody, { operation }: OperationCall): void {
  if (operation.response === 'file' || mediaTypeOf(body) !== 'text/html') return;
  body.discard();
  throw notTheApi(operation.id, 'the answer is a web page', true);
}

/** `type/subtype` of a body, in lower case; undefined where it states none. */
export function mediaTypeOf({ headers }: Pick<SentBody, 'headers'>): string | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type) ? type : undefined;
}

/** Bytes that are to come, where that is stated. */
export function statedBytes({ headers }: Pick<SentBody, 'headers'>): number | undefined {
  const length = headers['content-length'] ?? '';
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

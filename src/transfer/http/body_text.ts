import type { GetAnswer } from './get_answer.ts';

const ERROR_BODY_BYTES = 8 * 1024;

/**
 * The start of a body as text: enough of an error document to classify it. A body that breaks off
 * gives what came before, since the status counts more than the rest of its explanation.
 *
 * @returns at most so many bytes, 8 KiB by default; reading stops there, which ends the connection
 */
export async function startOfBody(
  body: AsyncIterable<Uint8Array>,
  mostBytes = ERROR_BODY_BYTES,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of body) {
      parts.push(part);
      length += part.byteLength;
      if (length >= mostBytes) {
        break;
      }
    }
  } catch {
    // Cut short by the connection, or by our own watchdog.
  }
  return Buffer.concat(parts).subarray(0, mostBytes).toString('utf8');
}

/** The same for an answer that is poured. */
export async function startOfAnswer(answer: Pick<GetAnswer, 'pour'>): Promise<string> {
  const memory = Buffer.alloc(ERROR_BODY_BYTES);
  let length = 0;
  try {
    await answer.pour({
      room: () => (length < ERROR_BODY_BYTES ? memory.subarray(length) : undefined),
      took: (bytes) => {
        length += bytes;
      },
    });
  } catch {
    // Cut short by the connection, or by our own watchdog.
  }
  return memory.subarray(0, length).toString('utf8');
}

import type { IncomingMessage } from 'node:http';
import { BodyInvalidError, ProblemError } from './problems.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Reads a request's JSON body; `undefined` if it is empty.
 *
 * @throws ProblemError 413, or BodyInvalidError in FastAPI's words if it is no JSON
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BodyInvalidError([{ loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' }]);
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new ProblemError(413, 'Request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

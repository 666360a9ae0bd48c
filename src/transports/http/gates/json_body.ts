import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { beyondBounds, type JsonBounds } from '../../../json_bounds.ts';
import { type RefusalName, Refused } from './refusals.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

const REFUSAL_BY_BOUND: Readonly<Record<keyof JsonBounds, RefusalName>> = {
  depth: 'tooDeep',
  values: 'tooManyValues',
};

const JSON_MEDIA_TYPE = /^application\/json[\t ]*(?:;(.*))?$/i;
const CHARSET = /(?:^|;)[\t ]*charset[\t ]*=[\t ]*"?([^";\s]*)/i;

/** Text in which some string may be `__proto__`, written plainly or with escapes. */
const MAY_NAME_PROTO = /__proto__|\\u00/i;

/** The client went away before its request was whole; there is nobody to answer. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft';

  constructor() {
    super('the client left before its request was whole');
  }
}

/**
 * The JSON of a POST. What the client accepts in answer is left to the SDK's transport to check.
 *
 * @throws Refused for what is to be answered; ClientLeft; the signal's reason
 */
export async function readJsonBody(
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<unknown> {
  checkForm(request);
  const bytes = await readBytes(request, signal);
  if (!isUtf8(bytes)) throw new Refused('badJson');
  const beyond = beyondBounds(bytes);
  if (beyond !== undefined) throw new Refused(REFUSAL_BY_BOUND[beyond]);
  const text = bytes.toString('utf8');
  const value = parse(text);
  // Harmless as JSON.parse makes it, until somebody assigns members one by one.
  if (MAY_NAME_PROTO.test(text) && namesProto(value)) throw new Refused('forbiddenKey');
  return value;
}

function checkForm({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw new Refused('mediaType');
  const type = JSON_MEDIA_TYPE.exec(headers['content-type'] ?? '');
  const charset = CHARSET.exec(type?.[1] ?? '')?.[1] ?? 'utf-8';
  if (type === null || !/^utf-?8$/i.test(charset)) throw new Refused('mediaType');
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw new Refused('bodyTooLarge');
}

function readBytes(request: IncomingMessage, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= MAX_BODY_BYTES) return;
      request.pause();
      settle(() => reject(new Refused('bodyTooLarge')));
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks)));
    const onClose = () => settle(() => reject(new ClientLeft()));
    const onAbort = () => settle(() => reject(signal.reason));
    // Stays: a connection may also break after the answer.
    request.on('error', () => undefined);
    request.on('data', onData).once('end', onEnd).once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (request.destroyed) onClose();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused('badJson');
  }
}

function namesProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesProto);
}

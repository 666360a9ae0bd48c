import { parseRange } from './byte_range.ts';
import type { SandboxContext } from './context.ts';
import { type Answer, deliver } from './delivery.ts';
import type { StoredObject } from './state_model.ts';
import { StorageError } from './storage_errors.ts';
import { etagOf, objectHeaders, type StorageExchange } from './storage_put.ts';

/** Sends an object or a range of it, and counts what went out as egress. */
export async function sendObject(
  context: SandboxContext,
  { request, response, objectPath, fault }: StorageExchange,
): Promise<void> {
  const found = context.objects.find(objectPath);
  if (!found) throw new StorageError(404, 'NoSuchKey', 'The specified key does not exist.');
  const replaced = fault !== undefined && 'replace_object' in fault;
  const object = replaced ? await replaceObject(context, found) : found;
  const { headers } = request;
  if (!matches(headers['if-match'], object)) {
    throw new StorageError(412, 'PreconditionFailed', 'A precondition you gave did not hold.');
  }
  const rangesCount = matches(headers['if-range'], object) && !(fault && 'ignore_range' in fault);
  const range = rangesCount ? headers.range : undefined;
  const stated = objectHeaders(object, fault);
  const lies = fault !== undefined && 'lie' in fault && fault.lie === 'length';
  const answer = objectAnswer(context, object, range, stated, object.size_bytes + Number(lies));
  await deliver(response, answer, fault, (bytes) => countEgress(context, bytes));
  await context.store.save();
}

/** Another object of the same size under the same path: no byte is what it was. */
function replaceObject({ objects }: SandboxContext, earlier: StoredObject): Promise<StoredObject> {
  const { object_path, content_type, size_bytes } = earlier;
  const bytes = size_bytes === 0 ? [] : objects.read(earlier, 0, size_bytes - 1);
  return objects.write(object_path, content_type, inverted(bytes));
}

async function* inverted(
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) yield chunk.map((byte) => byte ^ 0xff);
}

export function countEgress({ store }: SandboxContext, bytes: number): void {
  store.state.egress_bytes += bytes;
}

function matches(condition: string | string[] | undefined, object: StoredObject): boolean {
  if (condition === undefined || condition === '*') return true;
  const tags = Array.isArray(condition) ? condition : condition.split(',');
  return tags.some((tag) => tag.trim() === etagOf(object));
}

function objectAnswer(
  { objects }: SandboxContext,
  object: StoredObject,
  rangeHeader: string | undefined,
  stated: Record<string, string>,
  statedSize: number,
): Answer {
  const size = object.size_bytes;
  const headers = { ...stated, 'Content-Type': object.content_type, 'Accept-Ranges': 'bytes' };
  const range = parseRange(rangeHeader, size);
  if (range === 'unsatisfiable') {
    const unsatisfied = { 'Content-Range': `bytes */${size}` };
    throw new StorageError(416, 'InvalidRange', 'The range cannot be satisfied.', unsatisfied);
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const body = size === 0 ? [] : objects.read(object, start, end);
  if (!range) return { status: 200, headers, length: size, body };
  const contentRange = `bytes ${start}-${end}/${statedSize}`;
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': contentRange },
    length: end - start + 1,
    body,
  };
}

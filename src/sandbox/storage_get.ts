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
  const object = context.objects.find(objectPath);
  if (!object) throw new StorageError(404, 'NoSuchKey', 'The specified key does not exist.');
  const { headers } = request;
  if (!matches(headers['if-match'], object)) {
    throw new StorageError(412, 'PreconditionFailed', 'A precondition you gave did not hold.');
  }
  const range = matches(headers['if-range'], object) ? headers.range : undefined;
  const answer = objectAnswer(context, object, range, objectHeaders(object, fault));
  await deliver(response, answer, fault, (bytes) => countEgress(context, bytes));
  await context.store.save();
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
  const contentRange = `bytes ${start}-${end}/${size}`;
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': contentRange },
    length: end - start + 1,
    body,
  };
}

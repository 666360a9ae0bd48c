import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxContext } from './context.ts';
import { deliver } from './delivery.ts';
import type { FaultAction } from './faults.ts';
import type { SignatureVerdict } from './signed_urls.ts';
import { codeOf, expiredUrl, StorageError, storageErrorAnswer } from './storage_errors.ts';
import { sendObject } from './storage_get.ts';
import { receiveObject } from './storage_put.ts';

const EVENTS: Readonly<Record<string, string>> = {
  PUT: 'storage.put',
  GET: 'storage.get',
  HEAD: 'storage.get',
};

/**
 * The object storage under `/storage/{bucket}/{object path}`: signed PUT, GET and HEAD.
 * A request that brings an API credential is served all the same, and counted.
 */
export async function handleStorage(
  context: SandboxContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  countCredential(context, request);
  const method = request.method ?? '';
  const event = EVENTS[method];
  const fault = event === undefined ? undefined : context.faults.take(event);
  try {
    if (event === undefined) {
      throw new StorageError(405, 'MethodNotAllowed', 'The method is not allowed here.');
    }
    refuseByFault(context, fault);
    const objectPath = authorizedObjectPath(context, request);
    const serve = method === 'PUT' ? receiveObject : sendObject;
    await serve(context, { request, response, objectPath, fault });
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    await deliver(response, storageErrorAnswer(error));
  }
}

function countCredential({ store }: SandboxContext, { headers }: IncomingMessage): void {
  if (headers.authorization === undefined && headers['x-api-key'] === undefined) return;
  store.state.credentials_seen_by_storage += 1;
}

function refuseByFault({ settings }: SandboxContext, fault: FaultAction | undefined): void {
  if (fault && 'expire' in fault) throw expiredUrl(settings.expiredStatus);
  if (!fault || !('status' in fault)) return;
  const retryAfter: Record<string, string> =
    fault.retry_after === undefined ? {} : { 'Retry-After': String(fault.retry_after) };
  const headers = { ...fault.headers, ...retryAfter };
  const message = typeof fault.body === 'string' ? fault.body : 'The fault that was asked for.';
  throw new StorageError(fault.status, codeOf(fault.status), message, headers);
}

const REFUSALS: Readonly<
  Record<Exclude<SignatureVerdict, { ok: true }>['reason'], (status: 400 | 403) => StorageError>
> = {
  expired: expiredUrl,
  malformed: () =>
    new StorageError(400, 'MalformedSecurityHeader', 'Your request has a malformed header.'),
  mismatch: () =>
    new StorageError(
      403,
      'SignatureDoesNotMatch',
      'Access denied: the signature does not match the method, path and headers of the request.',
    ),
};

/** @throws StorageError unless the URL was signed here for this method, path and headers */
function authorizedObjectPath(context: SandboxContext, request: IncomingMessage): string {
  const target = request.url ?? '';
  const [rawPath = '', rawQuery = ''] = target.split('?', 2);
  const verdict = context.signer.verify(
    {
      method: request.method ?? '',
      rawPath,
      query: new URLSearchParams(rawQuery),
      headers: request.headers,
    },
    context.settings.now(),
  );
  if (!verdict.ok) throw REFUSALS[verdict.reason](context.settings.expiredStatus);
  const [, , , ...segments] = rawPath.split('/');
  return segments.map(decodeURIComponent).join('/');
}

import type { TransferEngine } from '../../transfer/engine.ts';
import { TransferError } from '../../transfer/failures/transfer_error.ts';
import { askStorage } from '../../transfer/uploads/storage_request.ts';
import { parseTransferUrl } from '../../transfer/urls/transfer_url.ts';
import { answerOf, unreachable } from './json_answer.ts';
import { ServiceError } from './service_error.ts';
import type {
  BytesToSend,
  ServiceAccess,
  ServiceAnswer,
  ServiceRequest,
} from './service_request.ts';

/** An answer to bytes lists what they became. */
const MOST_ANSWER_BYTES = 4 * 1024 * 1024;

/** Failures of the network, as the engine tells them; the service is no storage. */
const LOST: ReadonlySet<TransferError['code']> = new Set([
  'connection_lost',
  'stalled',
  'storage_unavailable',
]);

/**
 * A request whose body is a source of bytes, sent as the engine sends to storage: streamed, watched for
 * stalls, in its turn. Throws `ServiceError`, or `TransferError` for the source.
 */
export async function sendBytes(
  request: Omit<ServiceRequest, 'bytes'> &
    Required<Pick<ServiceRequest, 'headers'>> & { readonly bytes: BytesToSend },
  { service, baseUrl }: ServiceAccess,
  engine: TransferEngine,
): Promise<ServiceAnswer> {
  const { call, method, path, headers, bytes, signal } = request;
  if (method !== 'POST' && method !== 'PUT') throw new Error(`${method} takes no bytes`);
  const { source, onSent } = bytes;
  const piece = { source, start: 0, end: source.size };
  const url = parseTransferUrl(`${baseUrl}${path}`);
  try {
    const answer = await askStorage(
      {
        method,
        url,
        headers,
        piece,
        signal,
        mostAnswerBytes: MOST_ANSWER_BYTES,
        ...(onSent && { onSent }),
      },
      engine,
    );
    if (answer.early && answer.status < 300) {
      throw new ServiceError({
        service,
        call,
        kind: 'unreachable',
        detail: 'an answer came before all was sent',
        fateUnknown: true,
      });
    }
    return answerOf({ service, call, ...answer, sent: headers, now: engine.clock.now() });
  } catch (failure) {
    if (failure instanceof TransferError && LOST.has(failure.code)) {
      throw unreachable({ service, call }, failure, failure.cause ?? failure);
    }
    throw failure;
  }
}

import type { z } from 'zod';
import { plainText } from '../../geopera/plain_text.ts';
import type { UploadSource } from '../../transfer/sources/upload_source.ts';
import type { SendingUnit } from '../connector.ts';
import type { ServiceClient } from '../http/service_client.ts';
import { ServiceError } from '../http/service_error.ts';
import type { SentPart } from './all_staged.ts';
import { acceptedPart, type SessionIssue } from './session_answers.ts';
import type { SessionPart } from './session_parts.ts';
import { sessionPath } from './session_paths.ts';

/** The request, in words. */
export const UPLOAD_PART = 'opteryx.upload_part';

/** The service reads a whole part before it answers. */
const ANSWER_SECONDS = 300;

/** A part that the service took. */
export interface SentSessionPart extends SentPart {
  readonly issues: readonly SessionIssue[];
}

/** Bytes of a part, and what is said of them. */
export interface PartBytes {
  readonly body: UploadSource;
  readonly headers: Readonly<Record<string, string>>;
}

/** Puts a part into a session; the same number again replaces it, so it may be tried again. */
export function putPart(
  sessionId: string,
  number: number,
  { body: source, headers }: PartBytes,
  client: ServiceClient,
  { signal, onSent }: Pick<SendingUnit, 'signal'> & Partial<Pick<SendingUnit, 'onSent'>>,
): Promise<z.output<ReturnType<typeof acceptedPart>>> {
  return client.ask(
    {
      call: UPLOAD_PART,
      method: 'PUT',
      path: sessionPath(sessionId, `?part=${number}`),
      headers,
      bytes: { source, ...(onSent && { onSent }) },
      repeatable: true,
      answerSeconds: ANSWER_SECONDS,
      signal,
    },
    acceptedPart(),
  );
}

/** Sends one part with all its tries, and tells how much of its file is there. */
export async function sendPart(
  sessionId: string,
  part: SessionPart,
  client: ServiceClient,
  { signal, onSent }: Pick<SendingUnit, 'signal' | 'onSent'>,
): Promise<SentSessionPart> {
  const { number, body, fileBytes, rows } = part;
  const share = body.size === 0 ? 0 : fileBytes / body.size;
  try {
    const accepted = await putPart(sessionId, number, part, client, {
      signal,
      onSent: (bytes) => onSent(Math.round(bytes * share)),
    });
    return { number, rows: rows ?? accepted.rows ?? undefined, issues: accepted.issues };
  } catch (failure) {
    throw failure instanceof ServiceError ? ofPart(failure, part) : failure;
  }
}

/** The service knows parts by numbers; whoever reads of one knows files. */
function ofPart(failure: ServiceError, { number, fileName }: SessionPart): ServiceError {
  const { service, call, kind, detail, status, code, retryAfterSeconds, fateUnknown } = failure;
  return new ServiceError({
    service,
    call,
    kind,
    detail: `part ${number}, of ${plainText(fileName, 120)}: ${detail}`,
    ...(status === undefined ? {} : { status }),
    code,
    retryAfterSeconds,
    fateUnknown,
    cause: failure,
  });
}

import { type ObjectVersion, versionOf } from '../downloads/object_version.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { headerText, type ResponseHeaders } from '../http/response_headers.ts';

/** Fields that are the same as long as a file is, whether or not they prove that. */
const TELLING = ['etag', 'x-goog-generation', 'last-modified'] as const;

/** The version of a file that an upload began with. */
export interface RemoteVersion extends ObjectVersion {
  readonly stated: readonly (string | undefined)[];
}

/** @param total bytes of the file */
export function remoteVersionOf(headers: ResponseHeaders, total: number): RemoteVersion {
  return {
    ...versionOf(headers, total),
    stated: TELLING.map((name) => headerText(headers, name)?.trim()),
  };
}

/**
 * That an answer with the whole file is about the same version, as far as the two tell.
 *
 * @throws TransferError `source_changed`
 */
export function assertSameFile(before: RemoteVersion, now: RemoteVersion): void {
  const differs = before.stated.some((value, at) => {
    const other = now.stated[at];
    return value !== undefined && other !== undefined && value !== other;
  });
  if (differs || before.total !== now.total) throw sourceReplaced('it is another version now');
}

export function sourceReplaced(why: string): TransferError {
  return new TransferError({
    code: 'source_changed',
    message: `the file at the URL changed while it was being sent: ${why}.`,
  });
}

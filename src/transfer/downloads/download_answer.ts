import { type StatedChecksums, statedChecksums } from '../checksums/stated_checksums.ts';
import { TransferError } from '../failures/transfer_error.ts';
import { headerBytes, headerText, type ResponseHeaders } from '../http/response_headers.ts';

/** What the headers of an answer say about the bytes that follow. */
export interface DownloadAnswer {
  /** Bytes that will follow, if the answer states it. */
  readonly bytes?: number;
  readonly mediaType?: string;
  readonly stated: StatedChecksums;
  /** Storage unpacks a gzip object on the fly: its hash and length are those of other bytes. */
  readonly transcoded: boolean;
}

const LONGEST_MEDIA_TYPE = 127;

/** `type/subtype`, its parameters cut, if it is one. */
function mediaTypeOf(headers: ResponseHeaders): string | undefined {
  const type = headerText(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) && type.length <= LONGEST_MEDIA_TYPE ? type : undefined;
}

/** Google Cloud Storage does so for an object stored as gzip that is asked for without gzip. */
function isTranscoded(headers: ResponseHeaders): boolean {
  const storedAs = headerText(headers, 'x-goog-stored-content-encoding') ?? 'identity';
  const lengthOnlyStored =
    headers['content-length'] === undefined &&
    headers['x-goog-stored-content-length'] !== undefined;
  return storedAs !== 'identity' || lengthOnlyStored;
}

/**
 * Reads the headers of a successful answer.
 *
 * @throws TransferError `unexpected_encoding`: encoded bytes are never written under the file's name
 */
export function readDownloadAnswer(headers: ResponseHeaders): DownloadAnswer {
  const encoding = (headerText(headers, 'content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== '') {
    throw new TransferError({
      code: 'unexpected_encoding',
      message: 'the answer is compressed although the file was asked for as it is.',
    });
  }
  const bytes = headerBytes(headers, 'content-length');
  const mediaType = mediaTypeOf(headers);
  const transcoded = isTranscoded(headers);
  return {
    ...(bytes !== undefined && { bytes }),
    ...(mediaType !== undefined && { mediaType }),
    stated: transcoded ? {} : statedChecksums(headers),
    transcoded,
  };
}

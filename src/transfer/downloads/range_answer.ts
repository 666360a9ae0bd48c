import { TransferError } from '../failures/transfer_error.ts';
import { headerText, type ResponseHeaders } from '../http/response_headers.ts';
import { type DownloadAnswer, readDownloadAnswer } from './download_answer.ts';
import { isPinned, isSameVersion, type ObjectVersion, versionOf } from './object_version.ts';

/** The bytes `[start, end)` of one version of the object. */
export interface PartAnswer extends DownloadAnswer {
  readonly kind: 'part';
  readonly start: number;
  readonly end: number;
  readonly version: ObjectVersion;
}

/** The whole object, whatever range was asked for. */
export interface WholeAnswer extends DownloadAnswer {
  readonly kind: 'whole';
}

/** What is asked for: bytes from `start`, of a version that is known from an earlier answer or not yet. */
export interface AskedRange {
  readonly start: number;
  /** Not included; undefined for the rest. */
  readonly end?: number | undefined;
  readonly version?: ObjectVersion | undefined;
}

/**
 * The object is not the one that a download began with. Its pieces must not be mixed.
 *
 * Caught by the download, which starts over once.
 */
export class ObjectReplaced extends Error {
  override readonly name = 'ObjectReplaced';
}

const CONTENT_RANGE = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/;
const UNSATISFIED = /^bytes \*\/(\d{1,16})$/;

export function rangeHeader({ start, end }: AskedRange): string {
  return `bytes=${start}-${end === undefined ? '' : end - 1}`;
}

/**
 * Reads an answer to a range request.
 *
 * @returns undefined for a status that is neither bytes nor a statement about the range: a refusal
 * @throws ObjectReplaced for 412, 416 or a `Content-Range` of another object than the known one
 * @throws TransferError `storage_refused` for an answer that HTTP does not allow here
 */
export function readRangeAnswer(
  status: number,
  headers: ResponseHeaders,
  asked: AskedRange,
): PartAnswer | WholeAnswer | undefined {
  switch (status) {
    case 200:
    case 203:
      return wholeAnswer(headers, asked);
    case 206:
      return partAnswer(headers, asked);
    case 412:
      throw new ObjectReplaced('storage says that the object is another one now (412)');
    case 416:
      return emptyAnswer(headers, asked);
    default:
      if (status < 300) throw misused(`storage answered ${status} instead of the file`, status);
      return undefined;
  }
}

function wholeAnswer(headers: ResponseHeaders, { version }: AskedRange): WholeAnswer {
  // Ranges worked before, so what answers now is not what answered then.
  if (version !== undefined) throw new ObjectReplaced('storage stopped honouring ranges');
  return { kind: 'whole', ...readDownloadAnswer(headers) };
}

function partAnswer(headers: ResponseHeaders, asked: AskedRange): PartAnswer {
  const stated = CONTENT_RANGE.exec(headerText(headers, 'content-range')?.trim() ?? '');
  if (stated === null) throw misused('storage does not say which bytes it sends', 206);
  const [first, last, total] = stated.slice(1).map(Number);
  if (first === undefined || last === undefined || total === undefined) {
    throw misused('storage does not say which bytes it sends', 206);
  }
  const [start, end] = [first, last + 1];
  const version = versionOf(headers, total);
  if (asked.version !== undefined && !isSameVersion(asked.version, version)) {
    throw new ObjectReplaced('an answer is about another version of the object');
  }
  if (start !== asked.start || end <= start || end > Math.min(total, asked.end ?? total)) {
    throw new ObjectReplaced(
      `storage sends other bytes (${first}-${last}/${total}) than asked for`,
    );
  }
  // Some servers mean the part by it, not the whole: RFC 7231 (appendix B) dropped it for that.
  const ofTheWhole = end - start === total ? headers : { ...headers, 'content-md5': undefined };
  const answer = readDownloadAnswer(ofTheWhole);
  if (answer.bytes !== undefined && answer.bytes !== end - start) {
    throw misused('storage contradicts itself on how many bytes it sends', 206);
  }
  return { kind: 'part', start, end, version, ...answer };
}

/** An empty object has no first byte, so a range from 0 cannot be satisfied (RFC 9110, 14.1.2). */
function emptyAnswer(headers: ResponseHeaders, asked: AskedRange): WholeAnswer {
  const total = UNSATISFIED.exec(headerText(headers, 'content-range')?.trim() ?? '')?.[1];
  if (asked.version !== undefined) {
    throw new ObjectReplaced('the object is shorter now');
  }
  if (total !== '0' || asked.start !== 0) throw misused('storage refuses the range', 416);
  // The other headers are those of the error document that comes along.
  return { kind: 'whole', bytes: 0, stated: {}, transcoded: false };
}

function misused(why: string, status: number): TransferError {
  return new TransferError({ code: 'storage_refused', message: `${why}.`, status });
}

/** Whether the rest of the object can be fetched in pieces. */
export function canBePieced(answer: PartAnswer | WholeAnswer): answer is PartAnswer {
  return answer.kind === 'part' && !answer.transcoded && isPinned(answer.version);
}

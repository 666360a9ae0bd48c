import type { OpenReason } from '../../transfer/failures/retry_policy.ts';
import { uploadFile } from '../../transfer/upload.ts';
import { type UploadedPart, uploadParts } from '../../transfer/uploads/upload_parts.ts';
import type { PutTarget } from '../../transfer/uploads/upload_target.ts';
import { signedUrlExpiry } from '../../transfer/urls/signed_url_expiry.ts';
import { parseTransferUrl } from '../../transfer/urls/transfer_url.ts';
import { ServiceError } from '../http/service_error.ts';
import type { PresignedUpload } from './geolens_answers.ts';
import { geolens } from './geolens_endpoints.ts';
import { UrlWindowOver } from './geolens_errors.ts';
import {
  type ImportSession,
  type ImportWorld,
  isInParts,
  type SentFile,
} from './import_session.ts';

/** The number of the first part, as S3 counts. */
export const PART_BASE = 1;

interface Sending {
  readonly session: ImportSession;
  readonly presigned: PresignedUpload;
  readonly signal: AbortSignal;
  onSent(bytes: number): void;
}

/** Whether the URLs that came are those of this file. Throws `ServiceError`. */
export function requireUrls({ urls, part_size, ...upload }: PresignedUpload, bytes: number): void {
  if (!isInParts({ urls, part_size, ...upload })) {
    if (urls.length !== 1) throw unexpected(`${urls.length} URLs came for one PUT`);
    return;
  }
  if (part_size === null || part_size === undefined) throw unexpected('no size of a part came');
  const wanted = Math.ceil(bytes / part_size);
  if (urls.length !== wanted) {
    throw unexpected(`${urls.length} URLs came for ${wanted} parts of ${part_size} bytes`);
  }
}

/** Puts the file where the signed URLs lead. No credential of the service goes there. */
export function sendPresigned(sending: Sending, world: ImportWorld): Promise<SentFile> {
  return isInParts(sending.presigned) ? inParts(sending, world) : asWhole(sending, world);
}

async function asWhole(sending: Sending, world: ImportWorld): Promise<SentFile> {
  const { presigned, session, signal } = sending;
  const { source, engine, contentType } = world;
  const headers = { 'content-type': contentType };
  const { crc32c, verified } = await uploadFile(
    {
      source,
      sign: async (reason) => putTo(presigned.urls[0], { headers, reason, session }, world),
      signal,
      onProgress: sending.onSent,
    },
    engine,
  );
  return { way: 'single_put', jobId: presigned.job_id, parts: [], crc32c, verified };
}

/** A part is signed without a `Content-Type`, and must come without one. */
async function inParts(sending: Sending, world: ImportWorld): Promise<SentFile> {
  const { presigned, session, signal } = sending;
  const { urls, part_size, job_id } = presigned;
  const { source, engine } = world;
  const receipt = await uploadParts(
    {
      source,
      ...(typeof part_size === 'number' && { partBytes: part_size }),
      sign: async ({ number }, reason) =>
        putTo(urls[number - PART_BASE], { headers: {}, reason, session }, world),
      signal,
      onProgress: sending.onSent,
    },
    engine,
  );
  const { crc32c, verified } = receipt;
  return { way: 'parts', jobId: job_id, parts: receipt.parts.map(completedPart), crc32c, verified };
}

/** The ETag goes back as storage wrote it, quotes and all. */
function completedPart({ number, storage: { etag } }: UploadedPart) {
  if (etag === undefined) throw unexpected(`storage named no ETag of part ${number}`);
  return { etag, part_number: number };
}

interface Target extends Pick<PutTarget, 'headers'> {
  readonly reason: OpenReason;
  readonly session: ImportSession;
}

/** The URL once more, as long as it can be used. Throws `UrlWindowOver`. */
function putTo(
  url: string | undefined,
  { headers, reason, session }: Target,
  { engine, source }: ImportWorld,
): PutTarget {
  if (url === undefined) throw unexpected('a URL is missing');
  const parsed = parseTransferUrl(url);
  const end = signedUrlExpiry(parsed);
  // Storage's own clock decides; ours only where it never answered and one try has failed.
  const ours = reason === 'retry' ? engine.clock.now() : undefined;
  const theirs = engine.hosts.timeAt(parsed);
  const now = theirs ?? ours;
  const isOver = end !== undefined && now !== undefined && now >= end;
  if (reason !== 'expired' && !isOver) return { kind: 'put', url, headers };
  throw new UrlWindowOver({
    windowSeconds: secondsBetween(session.openedAt, end),
    secondsLeft: secondsBetween(theirs, end),
    bytesSent: session.mostSent,
    bytesTotal: source.size,
  });
}

/** Undefined where a time is unknown, or two clocks disagree. */
function secondsBetween(from: number | undefined, to: number | undefined): number | undefined {
  if (from === undefined || to === undefined || to <= from) return undefined;
  return Math.round((to - from) / 1000);
}

function unexpected(detail: string): ServiceError {
  const { id: call } = geolens.requestPresigned;
  return new ServiceError({ service: 'geolens', call, kind: 'unexpected_answer', detail });
}

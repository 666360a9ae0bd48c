import { headerText, type ResponseHeaders } from '../http/response_headers.ts';

/** What tells one version of a stored object from another. */
export interface ObjectVersion {
  /** Bytes in all. */
  readonly total: number;
  /** A strong ETag as storage writes it, quotes included. */
  readonly etag?: string;
  /** Google Cloud Storage's number of the version. */
  readonly generation?: string;
}

const STRONG_ETAG = /^"[\x21\x23-\x7e\x80-\xff]*"$/;
const GENERATION = /^\d{1,20}$/;

/** Reads the validators of an answer. A weak ETag is none: it promises no equal bytes (RFC 9110, 8.8.1). */
export function versionOf(headers: ResponseHeaders, total: number): ObjectVersion {
  const etag = headerText(headers, 'etag')?.trim() ?? '';
  const generation = headerText(headers, 'x-goog-generation')?.trim() ?? '';
  return {
    total,
    ...(STRONG_ETAG.test(etag) && { etag }),
    ...(GENERATION.test(generation) && { generation }),
  };
}

/** Whether later answers can be held to this version: without that, pieces are never put together. */
export function isPinned({ etag, generation }: ObjectVersion): boolean {
  return etag !== undefined || generation !== undefined;
}

/** Whether two answers are about the same bytes: what both state agrees, and that is more than the size. */
export function isSameVersion(one: ObjectVersion, other: ObjectVersion): boolean {
  const validators = [
    [one.etag, other.etag],
    [one.generation, other.generation],
  ].filter(([a, b]) => a !== undefined && b !== undefined);
  return (
    one.total === other.total && validators.length > 0 && validators.every(([a, b]) => a === b)
  );
}

/**
 * Makes storage itself refuse another version, with 412. `If-Match` is the one condition that Google
 * Cloud Storage, S3 and Azure all take on a signed URL without it being signed.
 */
export function onlyThisVersion({ etag }: ObjectVersion): Readonly<Record<string, string>> {
  return etag === undefined ? {} : { 'If-Match': etag };
}

import { createHmac } from 'node:crypto';
import { encodeQuery, objectPath } from '../percent_encoding.ts';
import { headerText } from '../signing.ts';
import type { S3Access, S3Grant, S3Request, Validity } from './s3_access.ts';

/** The parameters that name a part of an object's API; a V2 signature covers these and no others. */
const SUBRESOURCES = ['partNumber', 'uploadId', 'uploads'];

/** A URL that carries a V2 signature over method, path, `Content-Type` and S3's own headers. */
export function presignV2(access: S3Access, grant: S3Grant, { from, seconds }: Validity): string {
  const expires = String(Math.floor(from.getTime() / 1000) + seconds);
  const rawPath = objectPath(access.bucket, grant.key);
  const headers = grant.headers ?? {};
  const query = new URLSearchParams({
    AWSAccessKeyId: access.accessKeyId,
    Expires: expires,
    ...grant.query,
  });
  // The usual client of Python names the signed headers in the query too, where nobody reads them.
  for (const [name, value] of Object.entries(headers)) query.set(name, value);
  query.set('Signature', signatureV2(access, { method: grant.method, rawPath, query, headers }));
  return `${access.endpoint}${rawPath}?${encodeQuery(query)}`;
}

/** What the query of a V2 URL says of itself. */
export interface StatedV2 {
  readonly accessKeyId: string;
  readonly signature: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Undefined if the query holds no V2 signature that can be read. */
export function readV2(query: URLSearchParams): StatedV2 | undefined {
  const accessKeyId = query.get('AWSAccessKeyId');
  const signature = query.get('Signature');
  const expires = query.get('Expires') ?? '';
  if (accessKeyId === null || signature === null || !/^\d+$/.test(expires)) return undefined;
  return { accessKeyId, signature, expiresAt: Number(expires) * 1000 };
}

/** The signature that a request as it came would have to carry. */
export function signatureV2(access: S3Access, request: S3Request): string {
  const { method, query, headers } = request;
  const own = Object.keys(headers).filter((name) => name.startsWith('x-amz-'));
  const text = [
    method,
    headerText(headers['content-md5']),
    headerText(headers['content-type']),
    query.get('Expires') ?? '',
    ...own.sort().map((name) => `${name}:${headerText(headers[name])}`),
    resourceOf(request),
  ].join('\n');
  return createHmac('sha1', access.secretAccessKey).update(text).digest('base64');
}

function resourceOf({ rawPath, query }: S3Request): string {
  const named = SUBRESOURCES.filter((name) => query.has(name)).map((name) => {
    const value = query.get(name) ?? '';
    return value === '' ? name : `${name}=${value}`;
  });
  return named.length === 0 ? rawPath : `${rawPath}?${named.join('&')}`;
}

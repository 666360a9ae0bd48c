import { createHash } from 'node:crypto';
import { encodeQuery, objectPath } from '../percent_encoding.ts';
import { headerText, hmac, parseTimestamp, timestamp } from '../signing.ts';
import type { S3Access, S3Grant, S3Request, Validity } from './s3_access.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SIGNATURE = 'X-Amz-Signature';

/** A URL that carries a V4 signature over method, path, query, host and the headers of the grant. */
export function presignV4(access: S3Access, grant: S3Grant, { from, seconds }: Validity): string {
  const date = timestamp(from);
  const headers = { ...grant.headers, host: new URL(access.endpoint).host };
  const query = new URLSearchParams({
    ...grant.query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${access.accessKeyId}/${scopeOf(access, date)}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': Object.keys(headers).sort().join(';'),
  });
  const rawPath = objectPath(access.bucket, grant.key);
  const request = { method: grant.method, rawPath, query, headers };
  query.set(SIGNATURE, signatureV4(access, request));
  return `${access.endpoint}${rawPath}?${encodeQuery(query)}`;
}

/** What the query of a V4 URL says of itself. */
export interface StatedV4 {
  readonly accessKeyId: string;
  readonly signature: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Undefined if the query holds no V4 signature that can be read. */
export function readV4(query: URLSearchParams): StatedV4 | undefined {
  const signedAt = parseTimestamp(query.get('X-Amz-Date') ?? '');
  const seconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  const signature = query.get(SIGNATURE);
  const understood = query.get('X-Amz-Algorithm') === ALGORITHM && Number.isInteger(seconds);
  if (signature === null || signedAt === undefined || !understood) return undefined;
  const [accessKeyId = ''] = (query.get('X-Amz-Credential') ?? '').split('/');
  return { accessKeyId, signature, expiresAt: signedAt + seconds * 1000 };
}

/** Headers of S3's own that came along and that the signature says nothing of. */
export function unsignedHeaders({ query, headers }: S3Request): string[] {
  const signed = new Set((query.get('X-Amz-SignedHeaders') ?? '').split(';'));
  return Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !signed.has(name));
}

/** The signature that a request as it came would have to carry. */
export function signatureV4(access: S3Access, request: S3Request): string {
  const date = request.query.get('X-Amz-Date') ?? '';
  const digest = createHash('sha256').update(canonicalRequest(request)).digest('hex');
  const text = [ALGORITHM, date, scopeOf(access, date), digest].join('\n');
  const steps = [date.slice(0, 8), access.region, 's3', 'aws4_request'];
  const start: Buffer = Buffer.from(`AWS4${access.secretAccessKey}`);
  return hmac(
    steps.reduce((key, step) => hmac(key, step), start),
    text,
  ).toString('hex');
}

function canonicalRequest({ method, rawPath, query, headers }: S3Request): string {
  const unsigned = new URLSearchParams(query);
  unsigned.delete(SIGNATURE);
  const names = (query.get('X-Amz-SignedHeaders') ?? '').split(';');
  const lines = names.map((name) => `${name}:${headerText(headers[name])}`);
  const payload = 'UNSIGNED-PAYLOAD';
  const head = [method, rawPath, encodeQuery(unsigned)];
  return [...head, ...lines, '', names.join(';'), payload].join('\n');
}

function scopeOf({ region }: S3Access, date: string): string {
  return `${date.slice(0, 8)}/${region}/s3/aws4_request`;
}

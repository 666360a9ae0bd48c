import { createHash } from 'node:crypto';
import { encodeQuery, encodeStrict } from './percent_encoding.ts';
import { headerText, hmac, parseTimestamp, sameText, timestamp } from './signing.ts';

const ALGORITHM = 'GOOG4-HMAC-SHA256';
const LOCATION = 'auto';
const ACCESS_ID = 'geopera-sandbox@sandbox.invalid';

/** What a URL is signed for. A content type, if given, must arrive byte-equal in the request. */
export interface UrlGrant {
  readonly method: 'GET' | 'PUT';
  readonly bucket: string;
  readonly objectPath: string;
  readonly contentType?: string;
  readonly signedAt: Date;
  readonly lifetimeSeconds: number;
}

export type SignatureVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'malformed' | 'expired' | 'mismatch' };

/** The parts of a request that a signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** Path as it was sent, still percent-encoded. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * URLs in the shape of Google Cloud Storage V4: the signature stands in the query string and
 * covers the method, the path, the query and the headers that `X-Goog-SignedHeaders` names.
 */
export class UrlSigner {
  constructor(
    private readonly key: string,
    /** Scheme, host and port of the storage. */
    readonly origin: string,
  ) {}

  sign(grant: UrlGrant): string {
    const { host } = new URL(this.origin);
    const headers: Record<string, string> = { host };
    if (grant.contentType !== undefined) headers['content-type'] = grant.contentType;
    const date = timestamp(grant.signedAt);
    const query = new URLSearchParams({
      'X-Goog-Algorithm': ALGORITHM,
      'X-Goog-Credential': `${ACCESS_ID}/${credentialScope(date)}`,
      'X-Goog-Date': date,
      'X-Goog-Expires': String(grant.lifetimeSeconds),
      'X-Goog-SignedHeaders': Object.keys(headers).sort().join(';'),
    });
    const rawPath = storagePath(grant.bucket, grant.objectPath);
    const signature = this.#signature({ method: grant.method, rawPath, query, headers }, date);
    query.set('X-Goog-Signature', signature);
    return `${this.origin}${rawPath}?${encodeQuery(query)}`;
  }

  /** Judges a request at `now`. A URL signed for GET serves HEAD too, as V4 URLs do. */
  verify(request: SignedRequest, now: Date): SignatureVerdict {
    const date = request.query.get('X-Goog-Date') ?? '';
    const signedAt = parseTimestamp(date);
    const lifetime = Number(request.query.get('X-Goog-Expires') ?? Number.NaN);
    const given = request.query.get('X-Goog-Signature') ?? '';
    const algorithm = request.query.get('X-Goog-Algorithm');
    if (signedAt === undefined || !Number.isInteger(lifetime) || algorithm !== ALGORITHM) {
      return { ok: false, reason: 'malformed' };
    }
    if (now.getTime() > signedAt + lifetime * 1000) return { ok: false, reason: 'expired' };
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const expected = this.#signature({ ...request, method }, date);
    return sameText(given, expected) ? { ok: true } : { ok: false, reason: 'mismatch' };
  }

  #signature(request: SignedRequest, date: string): string {
    const canonical = createHash('sha256').update(canonicalRequest(request)).digest('hex');
    const text = [ALGORITHM, date, credentialScope(date), canonical].join('\n');
    const steps = [date.slice(0, 8), LOCATION, 'storage', 'goog4_request'];
    const start: Buffer = Buffer.from(`GOOG4${this.key}`);
    const key = steps.reduce((secret, step) => hmac(secret, step), start);
    return hmac(key, text).toString('hex');
  }
}

/** Path of an object on the storage; the object's own slashes are encoded, except the first two. */
function storagePath(bucket: string, objectPath: string): string {
  const [kind = '', owner = '', ...rest] = objectPath.split('/');
  return ['/storage', bucket, kind, owner, rest.join('/')]
    .map((segment, index) => (index === 0 ? segment : encodeStrict(segment)))
    .join('/');
}

function canonicalRequest(request: SignedRequest): string {
  const unsigned = new URLSearchParams(request.query);
  unsigned.delete('X-Goog-Signature');
  const names = (request.query.get('X-Goog-SignedHeaders') ?? '').split(';');
  const lines = names.map((name) => `${name}:${headerText(request.headers[name])}`);
  return [
    request.method,
    request.rawPath,
    encodeQuery(unsigned),
    ...lines,
    '',
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
}

function credentialScope(date: string): string {
  return `${date.slice(0, 8)}/${LOCATION}/storage/goog4_request`;
}

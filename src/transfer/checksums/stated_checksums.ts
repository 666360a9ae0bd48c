import { headerText, type ResponseHeaders } from '../http/response_headers.ts';

/** What storage states about an object's bytes. Checksums are base64. */
export interface StatedChecksums {
  readonly crc32c?: string;
  readonly md5?: string;
}

const CRC32C = /^[A-Za-z0-9+/]{6}==$/;
const MD5 = /^[A-Za-z0-9+/]{22}==$/;
const MD5_ETAG = /^"([0-9a-f]{32})"$/i;
const WHOSE_ETAG_IS_MD5 = ['x-goog-generation', 'x-guploader-uploadid', 'x-amz-request-id'];
/** S3's directory buckets give other ETags of the same form. */
const WHOSE_ETAG_IS_NEVER_MD5 = /\.s3express-/;
const WHOSE_ETAG_IS_MD5_AT = /\.r2\.cloudflarestorage\.com(?::\d+)?$/;
const ENCRYPTED_BY = ['x-amz-server-side-encryption-customer-algorithm'];

function googleHashes(headers: ResponseHeaders): ReadonlyMap<string, string> {
  const list = headerText(headers, 'x-goog-hash') ?? '';
  return new Map(
    list.split(',').map((item) => {
      const [name = '', ...value] = item.trim().split('=');
      return [name.toLowerCase(), value.join('=')];
    }),
  );
}

/** An ETag is the MD5 only for an object put in one part, by stores known to do so, without KMS. */
function md5FromEtag(headers: ResponseHeaders, host: string): string | undefined {
  const hex = MD5_ETAG.exec(headerText(headers, 'etag') ?? '')?.[1];
  const known =
    !WHOSE_ETAG_IS_NEVER_MD5.test(host) &&
    (WHOSE_ETAG_IS_MD5_AT.test(host) ||
      WHOSE_ETAG_IS_MD5.some((name) => headers[name] !== undefined));
  const encrypted =
    ENCRYPTED_BY.some((name) => headers[name] !== undefined) ||
    (headerText(headers, 'x-amz-server-side-encryption') ?? '').startsWith('aws:kms');
  return hex !== undefined && known && !encrypted
    ? Buffer.from(hex, 'hex').toString('base64')
    : undefined;
}

function wellFormed(value: string | undefined, form: RegExp): string | undefined {
  return value !== undefined && form.test(value) ? value : undefined;
}

/**
 * Reads the checksums in a storage answer: `x-goog-hash` (may repeat), `Content-MD5`, and an MD5
 * ETag where nothing better is stated.
 *
 * @param host who answered, where that is known
 */
export function statedChecksums(headers: ResponseHeaders, host = ''): StatedChecksums {
  const google = googleHashes(headers);
  const crc32c = wellFormed(google.get('crc32c'), CRC32C);
  const md5 =
    wellFormed(google.get('md5'), MD5) ??
    wellFormed(headerText(headers, 'content-md5')?.trim(), MD5) ??
    (crc32c === undefined ? md5FromEtag(headers, host) : undefined);
  return { ...(crc32c && { crc32c }), ...(md5 && { md5 }) };
}

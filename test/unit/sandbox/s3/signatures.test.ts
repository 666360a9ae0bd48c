import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presign, requireSignature } from '../../../../src/sandbox/s3/presigned_request.ts';
import type { S3Grant } from '../../../../src/sandbox/s3/s3_access.ts';
import { signatureV2 } from '../../../../src/sandbox/s3/signature_v2.ts';
import { signatureV4 } from '../../../../src/sandbox/s3/signature_v4.ts';

/** The keys of the examples in the documents of S3. */
const published = {
  endpoint: 'https://s3.amazonaws.com',
  bucket: 'johnsmith',
  region: 'us-east-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

describe('a signature', () => {
  it('of V4 is the one of the published example', () => {
    const query = new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
      'X-Amz-Date': '20130524T000000Z',
      'X-Amz-Expires': '86400',
      'X-Amz-SignedHeaders': 'host',
    });
    const headers = { host: 'examplebucket.s3.amazonaws.com' };
    const request = { method: 'GET', rawPath: '/test.txt', query, headers };
    expect(signatureV4(published, request)).toBe(
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  it('of V2 is the one of the published example', () => {
    const query = new URLSearchParams({ Expires: '1175139620' });
    const request = { method: 'GET', rawPath: '/johnsmith/photos/puppy.jpg', query, headers: {} };
    expect(signatureV2(published, request)).toBe('NpgCjnDzrM+WFzoENXmpNDUsSn8=');
  });
});

const access = {
  endpoint: 'http://127.0.0.1:9000',
  bucket: 'bucket',
  region: 'eu-central-1',
  accessKeyId: 'someone',
  secretAccessKey: 'SECRET-of-storage',
};
const from = new Date('2026-01-01T00:00:00Z');

const keys = fc
  .array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('/'))
  // An address has no such segments: they are resolved before it is sent.
  .filter((key) => !key.split('/').some((segment) => segment === '.' || segment === '..'));
const grants: fc.Arbitrary<S3Grant> = fc.record({
  method: fc.constantFrom('PUT' as const, 'POST' as const, 'DELETE' as const),
  key: keys,
  query: fc.constantFrom<Record<string, string>>(
    {},
    { uploads: '' },
    { partNumber: '3', uploadId: 'a b+/=' },
  ),
  headers: fc.constantFrom<Record<string, string>>(
    {},
    { 'content-type': 'text/csv; charset=utf-8' },
  ),
});

/** The request that follows a URL as it stands. */
function requestBy(url: string, { method, headers = {} }: S3Grant) {
  const { pathname, searchParams, host } = new URL(url);
  return { method, rawPath: pathname, query: searchParams, headers: { ...headers, host } };
}

describe.each(['v2', 'v4'] as const)('a URL of %s', (version) => {
  const signed = (grant: S3Grant) => presign(version, access, grant, { from, seconds: 60 });

  it('allows what it was signed for', () => {
    fc.assert(
      fc.property(grants, (grant) => {
        requireSignature(access, requestBy(signed(grant), grant), from);
      }),
    );
  });

  it('allows nothing else', () => {
    const changes = fc.constantFrom<(grant: S3Grant) => S3Grant>(
      (grant) => ({ ...grant, method: 'GET' }),
      (grant) => ({ ...grant, key: `${grant.key}x` }),
      (grant) => ({ ...grant, query: { ...grant.query, partNumber: '4', uploadId: 'other' } }),
    );
    fc.assert(
      fc.property(grants, changes, (grant, change) => {
        const other = requestBy(signed(change(grant)), change(grant));
        const signature = version === 'v2' ? 'Signature' : 'X-Amz-Signature';
        const stolen = new URL(signed(grant)).searchParams.get(signature) ?? '';
        other.query.set(signature, stolen);
        expect(() => requireSignature(access, other, from)).toThrow('signature');
      }),
    );
  });

  it('ends when it says so', () => {
    const grant: S3Grant = { method: 'PUT', key: 'a' };
    const request = requestBy(signed(grant), grant);
    const at = (seconds: number) => new Date(from.getTime() + seconds * 1000);
    requireSignature(access, request, at(60));
    expect(() => requireSignature(access, request, at(61))).toThrow('Request has expired');
  });
});

describe('a header of S3 that was not signed', () => {
  it('is refused with a URL of V4', () => {
    const grant: S3Grant = { method: 'PUT', key: 'a' };
    const url = presign('v4', access, grant, { from, seconds: 60 });
    const request = requestBy(url, { ...grant, headers: { 'x-amz-copy-source': '/bucket/b' } });
    expect(() => requireSignature(access, request, from)).toThrow('not signed');
  });
});

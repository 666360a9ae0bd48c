import { expect, it } from 'vitest';
import { statedChecksums } from '../../../src/transfer/checksums/stated_checksums.ts';

const CRC = 'n03x6A==';
const MD5 = 'Ojk9c3dhfxgoKVVHYwFbHQ==';
const ETAG = '"3a393d7377617f182829554763015b1d"';
const GCS = { 'x-goog-generation': '1' };

it.each([
  [{ 'x-goog-hash': `crc32c=${CRC},md5=${MD5}` }, { crc32c: CRC, md5: MD5 }],
  [{ 'x-goog-hash': [`crc32c=${CRC}`, `md5=${MD5}`] }, { crc32c: CRC, md5: MD5 }],
  [{ 'x-goog-hash': `md5=${MD5}, crc32c=${CRC}` }, { crc32c: CRC, md5: MD5 }],
  [{ 'x-goog-hash': 'crc32c=short' }, {}],
  [{ 'content-md5': MD5 }, { md5: MD5 }],
  [{ 'content-md5': 'nonsense' }, {}],
  [{ etag: ETAG, ...GCS }, { md5: MD5 }],
  [{ etag: ETAG, 'x-amz-request-id': 'r' }, { md5: MD5 }],
  [{ etag: ETAG }, {}],
  [{ etag: `W/${ETAG}`, ...GCS }, {}],
  [{ etag: '"3a393d7377617f182829554763015b1d-4"', 'x-amz-request-id': 'r' }, {}],
  [{ etag: ETAG, 'x-amz-request-id': 'r', 'x-amz-server-side-encryption': 'aws:kms' }, {}],
  [{ etag: ETAG, 'x-amz-request-id': 'r', 'x-amz-server-side-encryption': 'AES256' }, { md5: MD5 }],
  [{ etag: ETAG, 'x-goog-hash': `crc32c=${CRC}`, ...GCS }, { crc32c: CRC }],
  [{}, {}],
])('%j', (headers, stated) => {
  expect(statedChecksums(headers)).toEqual(stated);
});

it.each([
  ['bucket.a.r2.cloudflarestorage.com', { etag: ETAG }, { md5: MD5 }],
  [
    'bucket--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com',
    { etag: ETAG, 'x-amz-request-id': 'r' },
    {},
  ],
  ['bucket.s3.amazonaws.com', { etag: ETAG, 'x-amz-request-id': 'r' }, { md5: MD5 }],
  ['storage.test', { etag: ETAG }, {}],
])('an ETag of %s', (host, headers, stated) => {
  expect(statedChecksums(headers, host)).toEqual(stated);
});

import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openSourceFile, type SourceFile } from '../../../src/transfer/files/source_file.ts';
import { uploadFile } from '../../../src/transfer/upload.ts';
import { engine, failure, noise, sourceFile, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';
import { upload } from './uploads.ts';

const SIZE = 2_000_003;

/** Takes a body and answers what the row says of its MD5. */
const states = (headers: (md5: Buffer) => OutgoingHttpHeaders) =>
  httpOrigin((request: IncomingMessage, response) => {
    const hash = createHash('md5');
    request.on('data', (chunk: Buffer) => hash.update(chunk));
    request.on('end', () => response.writeHead(200, headers(hash.digest())).end());
  });

const S3 = { 'x-amz-request-id': 'r' };
const ROWS: readonly {
  readonly what: string;
  readonly headers: (md5: Buffer) => OutgoingHttpHeaders;
}[] = [
  { what: 'an ETag of S3', headers: (md5) => ({ ...S3, etag: `"${md5.toString('hex')}"` }) },
  { what: 'Content-MD5', headers: (md5) => ({ 'content-md5': md5.toString('base64') }) },
  { what: 'x-goog-hash', headers: (md5) => ({ 'x-goog-hash': `md5=${md5.toString('base64')}` }) },
];

/** Counts how often the file is read from its first byte. */
function watched(source: SourceFile) {
  let passes = 0;
  const counted: SourceFile = {
    path: source.path,
    size: source.size,
    chunks(signal, range) {
      passes += 1;
      return source.chunks(signal, range);
    },
    assertUnchanged: () => source.assertUnchanged(),
    close: () => source.close(),
  };
  return { source: counted, passes: () => passes };
}

describe.each(ROWS)('storage that states only an MD5 ($what)', ({ headers }) => {
  it('is compared with it: by a second read at first, along with the sending from then on', async () => {
    const { url } = await using(states(headers));
    const { engine: made } = engine();
    const path = await sourceFile(noise(SIZE));
    for (const [passes, kind] of [
      [2, 'md5'],
      [1, 'md5'],
    ] as const) {
      const opened = watched(await openSourceFile(path));
      const receipt = await uploadFile(
        {
          source: opened.source,
          sign: async () => ({ kind: 'put', url, headers: {} }),
          signal: new AbortController().signal,
        },
        made,
      ).finally(() => opened.source.close());
      expect(receipt).toMatchObject({ verified: kind, attempts: 1 });
      expect(opened.passes()).toBe(passes);
    }
  });

  it('and lies about it is found out', async () => {
    const lies = (md5: Buffer) => headers(Buffer.from(md5).reverse());
    const { url, heads } = await using(states(lies));
    const { engine: made } = engine();
    const error = await failure(upload(await sourceFile(noise(SIZE)), url, made));
    expect(error).toMatchObject({ code: 'checksum_mismatch', attempts: 2, retryable: false });
    expect(error.message).toContain('MD5');
    expect(heads).toHaveLength(2);
  });
});

it('a file that changes before the second read is not called verified', async () => {
  const path = await sourceFile(noise(SIZE));
  const { url } = await using(
    httpOrigin((request, response) => {
      const hash = createHash('md5');
      request.on('data', (chunk: Buffer) => hash.update(chunk));
      request.on('end', () => {
        void appendFile(path, 'x').then(() =>
          response.writeHead(200, { ...S3, etag: `"${hash.digest('hex')}"` }).end(),
        );
      });
    }),
  );
  const error = await failure(upload(path, url, engine().engine));
  expect(error).toMatchObject({ code: 'source_changed' });
});

it.each([
  ['an ETag of unknown make', { etag: `"${'0'.repeat(32)}"` }],
  ['an ETag of several parts', { ...S3, etag: `"${'0'.repeat(32)}-2"` }],
  [
    'an ETag under KMS',
    { ...S3, etag: `"${'0'.repeat(32)}"`, 'x-amz-server-side-encryption': 'aws:kms' },
  ],
])('%s is no MD5', async (_what, headers) => {
  const { url } = await using(states(() => headers));
  const receipt = await upload(await sourceFile(noise(SIZE)), url, engine().engine);
  expect(receipt).toMatchObject({ verified: 'none', attempts: 1 });
});

it('beside a CRC32C that agrees, the MD5 is compared where it was computed anyway', async () => {
  let mode: 'md5' | 'both' = 'md5';
  const { url } = await using(
    states((md5) =>
      mode === 'md5'
        ? { 'content-md5': md5.toString('base64') }
        : { 'x-goog-hash': `crc32c=AAAAAA==,md5=${Buffer.alloc(16).toString('base64')}` },
    ),
  );
  const { engine: made } = engine();
  const empty = await sourceFile(noise(0));
  await upload(empty, url, made);
  mode = 'both';
  const error = await failure(upload(empty, url, made));
  expect(error).toMatchObject({ code: 'checksum_mismatch' });
});

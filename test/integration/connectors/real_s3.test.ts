import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GeolensEmulatorOptions } from '../../../src/sandbox/geolens/geolens_emulator.ts';
import { presign as presignRequest } from '../../../src/sandbox/s3/presigned_request.ts';
import { S3Client } from '../../../src/sandbox/s3/s3_client.ts';
import {
  commit,
  complete,
  csv,
  emulatorFor,
  look,
  presign,
  put,
  putParts,
  type SentPart,
} from '../sandbox/geolens/geolens_fixture.ts';
import { geolensWorld } from './geolens_world.ts';
import { needsRealS3, type RealS3, startRealS3 } from './real_s3_server.ts';

const MEBIBYTE = 1024 ** 2;
/** What S3 asks of each part but the last. */
const PARTS = { partBytes: 5 * MEBIBYTE, thresholdBytes: 5 * MEBIBYTE };
/** Three parts, of which the last is smaller. */
const bytes = csv(500_000);
const small = csv(3);
const quotedMd5 = (content: Uint8Array) => `"${createHash('md5').update(content).digest('hex')}"`;

async function verdict(answer: Response): Promise<string> {
  const text = await answer.text();
  return answer.ok
    ? `${answer.status}`
    : `${answer.status} ${/<Code>(.*)<\/Code>/.exec(text)?.[1]}`;
}

// Whatever is sent to the embedded storage elsewhere is answered here by one that is not ours.
describe.skipIf(needsRealS3 !== '')(`a real S3${needsRealS3}`, () => {
  let real: RealS3;
  beforeAll(async () => {
    real = await startRealS3();
  });
  afterAll(() => real.close());

  const withStorage = (options: GeolensEmulatorOptions = {}) =>
    emulatorFor({ storage: real.access, jobSteps: 1, ...options });

  const client = () =>
    new S3Client(real.access, {
      signatures: 'v4',
      now: () => new Date(),
      signal: new AbortController().signal,
    });

  describe.each(['v2', 'v4'] as const)('with URLs of %s', (signatures) => {
    it('takes a single PUT, from which a dataset comes', async () => {
      const emulator = await withStorage({ signatures });
      const presigned = await presign(emulator, 'my places.csv', small.length);
      const answer = await put(presigned.urls[0] ?? '', small, 'text/csv');
      expect(await verdict(answer.clone())).toBe('200');
      expect(answer.headers.get('etag')).toBe(quotedMd5(small));
      expect((await complete(emulator, presigned)).status).toBe(200);
      expect(await client().sizeOf(presigned.s3_key)).toBeUndefined();
      await commit(emulator, presigned.job_id);
      expect((await look(emulator, presigned.job_id)).body).toMatchObject({ status: 'complete' });
      const [dataset] = emulator.state().datasets;
      expect((await emulator.datasetBytes(dataset?.id ?? '')).equals(small)).toBe(true);
    });

    it.each<[string, Uint8Array, number]>([
      ['one PUT', small, 0],
      ['parts', bytes, 3],
    ])('takes what the connector brings in %s', async (_how, content, parts) => {
      const world = await geolensWorld({ storage: real.access, jobSteps: 1, signatures, ...PARTS });
      const { seen, sent } = await world.upload({ bytes: content });
      expect(sent.parts).toHaveLength(parts);
      const arrived = await world.emulator.datasetBytes(seen?.job?.dataset_id ?? '');
      expect(arrived.equals(content)).toBe(true);
    });

    it('takes parts, of which the same bytes come', async () => {
      const emulator = await withStorage({ signatures, ...PARTS });
      const presigned = await presign(emulator, 'places.csv', bytes.length);
      expect(presigned.urls).toHaveLength(3);
      const parts = await putParts(presigned, bytes);
      expect(parts[0]?.etag).toBe(quotedMd5(bytes.subarray(0, PARTS.partBytes)));
      expect((await complete(emulator, presigned, parts)).status).toBe(200);
      await commit(emulator, presigned.job_id);
      await look(emulator, presigned.job_id);
      const [dataset] = emulator.state().datasets;
      expect((await emulator.datasetBytes(dataset?.id ?? '')).equals(bytes)).toBe(true);
    });

    it.each([
      ['another content type', (url: string) => put(url, small, 'text/plain')],
      ['another object', (url: string) => put(url.replace('places', 'plans'), small, 'text/csv')],
    ])('refuses %s', async (_what, send) => {
      const emulator = await withStorage({ signatures });
      const { urls } = await presign(emulator, 'places.csv', small.length);
      expect(await verdict(await send(urls[0] ?? ''))).toBe('403 SignatureDoesNotMatch');
    });

    it('judges the content type of a part as the embedded one does', async () => {
      const emulator = await withStorage({ signatures, ...PARTS });
      const { urls } = await presign(emulator, 'places.csv', bytes.length);
      const answer = await put(urls[0] ?? '', small, 'text/csv');
      expect(await verdict(answer)).toBe(signatures === 'v2' ? '403 SignatureDoesNotMatch' : '200');
    });

    it('refuses a URL that has run out', async () => {
      const past = () => new Date(Date.now() - 120_000);
      const emulator = await withStorage({ signatures, now: past, jobSeconds: 60 });
      const { urls } = await presign(emulator, 'places.csv', small.length);
      expect(await verdict(await put(urls[0] ?? '', small, 'text/csv'))).toBe('403 AccessDenied');
    });

    it('refuses the connector whose URL has run out, which signs none anew', async () => {
      const now = () => new Date(Date.now() - 120_000);
      const world = await geolensWorld({ storage: real.access, signatures, now, jobSeconds: 60 });
      expect(await world.failing({ bytes: small })).toMatchObject({
        step: 'send',
        cause: { name: 'UrlWindowOver', secondsLeft: undefined },
      });
      expect(world.emulator.state().calls).toEqual({ config: 1, presigned: 1 });
    });
  });

  it('has no upload open that the connector gave up', async () => {
    const world = await geolensWorld({ storage: real.access, ...PARTS });
    const stop = new AbortController();
    const failure = await world.failing({
      bytes,
      act: { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) },
    });
    expect(failure).toMatchObject({ left: { kind: 'nothing' } });
    expect(world.noted).toEqual(['begin', 'remove']);
    const [job] = world.emulator.state().jobs;
    const key = `staging/${job?.id}/places.csv`;
    const query = { partNumber: '1', uploadId: job?.upload_id ?? '' };
    const validity = { from: new Date(), seconds: 60 };
    const url = presignRequest('v4', real.access, { method: 'PUT', key, query }, validity);
    expect(await verdict(await put(url, small))).toBe('404 NoSuchUpload');
  });

  it('is asked to abort what is completed without parts', async () => {
    const emulator = await withStorage(PARTS);
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    const parts = await putParts(presigned, bytes);
    expect((await complete(emulator, presigned)).status).toBe(400);
    expect(await verdict(await put(presigned.urls[0] ?? '', small))).toBe('404 NoSuchUpload');
    expect((await complete(emulator, presigned, parts)).status).toBe(502);
  });

  it.each([
    ['in another order', (parts: SentPart[]) => [...parts].reverse()],
    ['with another ETag', (parts: SentPart[]) => parts.map((part) => ({ ...part, etag: '"0"' }))],
  ])('does not assemble parts %s', async (_how, change) => {
    const emulator = await withStorage(PARTS);
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    const parts = change(await putParts(presigned, bytes));
    expect((await complete(emulator, presigned, parts)).status).toBe(502);
  });

  it.each([
    ['parts that are too small', 'EntityTooSmall', [1, 2]],
    ['parts in another order', 'InvalidPartOrder', [2, 1]],
    ['a part that was not sent', 'InvalidPart', [1, 3]],
  ])('refuses %s by the code %s', async (_what, code, numbers) => {
    const s3 = client();
    const key = 'by/hand.bin';
    const uploadId = await s3.startUpload(key, 'text/csv');
    const etags = new Map<number, string>();
    for (const part of [1, 2]) {
      const query = { partNumber: String(part), uploadId };
      const answer = await put(s3.presign({ method: 'PUT', key, query }, 60), small);
      etags.set(part, answer.headers.get('etag') ?? '');
    }
    const parts = numbers.map((number) => ({
      number,
      etag: etags.get(number) ?? quotedMd5(small),
    }));
    await expect(s3.completeUpload(key, uploadId, parts)).rejects.toMatchObject({ code });
    await s3.abortUpload(key, uploadId);
  });

  it('keeps the parts of a completion whose copy fails', async () => {
    const emulator = await withStorage(PARTS);
    const presigned = await presign(emulator, 'places.csv', bytes.length);
    const parts = await putParts(presigned, bytes);
    emulator.inject({ on: 'complete', do: { freeze_fails: true } });
    expect((await complete(emulator, presigned, parts)).status).toBe(502);
    expect((await complete(emulator, presigned, parts)).status).toBe(200);
  });
});

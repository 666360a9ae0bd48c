import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EngineOverrides } from '../../../src/transfer/engine.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import { uploadFile } from '../../../src/transfer/upload.ts';
import { engine, noise, settledAt, sha256, sourceFile, tlsDispatcher, using } from './fixtures.ts';
import { CLIENT_TLS, httpOrigin } from './origin.ts';

const BURST_BYTES = 3_000_000;

/** Reads nothing until the sender is stuck, then a burst, and so on: the network is never ready. */
function slowReceiver(tls: boolean, sent: () => number) {
  let digest = '';
  const origin = using(
    httpOrigin(
      (request, response) => {
        const hash = createHash('sha256');
        let burst = 0;
        const rest = async () => {
          request.pause();
          await settledAt(sent, 50);
          burst = 0;
          request.resume();
        };
        request.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          burst += chunk.length;
          if (burst > BURST_BYTES) {
            void rest();
          }
        });
        request.on('end', () => {
          digest = hash.digest('hex');
          response.end();
        });
        void rest();
      },
      { tls },
    ),
  );
  return { origin, digest: () => digest };
}

// With chunks of 16 KiB, under the socket's high-water mark, this fails over TCP.
describe('bytes that arrive are the bytes of the file, with two buffers taking turns', () => {
  const sizes = [1, 65_536, 262_144, 1_048_576, 1_048_577, 40 * 1024 * 1024 + 12_345];

  const ways: readonly { readonly way: string; readonly tls: boolean; by(): EngineOverrides }[] = [
    { way: 'TCP', tls: false, by: () => ({}) },
    { way: 'TLS', tls: true, by: () => ({ tls: CLIENT_TLS }) },
    { way: 'TCP by undici', tls: false, by: () => ({ dispatcher: tlsDispatcher() }) },
    { way: 'TLS by undici', tls: true, by: () => ({ dispatcher: tlsDispatcher() }) },
  ];

  it.each(ways.flatMap((way) => sizes.map((size) => ({ ...way, size }))))(
    '$size bytes over $way, a slow reader',
    async ({ size, tls, by }) => {
      const bytes = noise(size);
      let sent = 0;
      const receiver = slowReceiver(tls, () => sent);
      const { url } = await receiver.origin;
      const source = await openSourceFile(await sourceFile(bytes));
      const receipt = await uploadFile(
        {
          source,
          sign: async () => ({ kind: 'put', url, headers: {} }),
          signal: new AbortController().signal,
          onProgress: (bytesDone) => {
            sent = bytesDone;
          },
          sha256: true,
        },
        engine(by()).engine,
      ).finally(() => source.close());
      expect(receiver.digest()).toBe(sha256(bytes));
      expect(receipt).toMatchObject({ bytes: size, sha256: sha256(bytes), attempts: 1 });
    },
  );
});

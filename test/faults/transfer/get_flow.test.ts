import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ByteSink } from '../../../src/transfer/http/get_answer.ts';
import { engine, noise, settledAt, sha256, tlsDispatcher, using } from './fixtures.ts';
import { CLIENT_TLS, httpOrigin } from './origin.ts';
import { SlowSink } from './sinks.ts';

const MIB = 1024 * 1024;
const SIGNAL = new AbortController().signal;
const BYTES = noise(9 * MIB + 12_345);
const turns = async (n: number) => {
  for (let turn = 0; turn < n; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const lines = [
  { name: 'tcp', tls: false, overrides: {} },
  { name: 'TLS', tls: true, overrides: { tls: CLIENT_TLS } },
  { name: 'undici', tls: true, overrides: undefined },
];
const framings = [
  { framing: 'a length', headers: { 'content-length': String(BYTES.byteLength) } },
  { framing: 'chunks', headers: {} },
  { framing: 'the end of the connection', headers: { connection: 'close' }, unframed: true },
];
const cases = lines.flatMap((line) => framings.map((framing) => ({ ...line, ...framing })));

describe.each(cases)('a body framed by $framing over $name', (line) => {
  const answer = async (written?: (bytes: number) => void) => {
    const { url } = await using(
      httpOrigin(
        (_request, response) => {
          if ('unframed' in line) response.useChunkedEncodingByDefault = false;
          response.writeHead(200, line.headers);
          void (async () => {
            for (let at = 0; at < BYTES.byteLength; at += 64 * 1024) {
              const piece = BYTES.subarray(at, at + 64 * 1024);
              written?.(piece.byteLength);
              if (!response.write(piece)) await once(response, 'drain');
            }
            response.end();
          })();
        },
        { tls: line.tls },
      ),
    );
    const overrides = line.overrides ?? { dispatcher: tlsDispatcher() };
    const channel = await engine(overrides).engine.openChannel();
    return channel.get(new URL(url), {}, SIGNAL);
  };

  it('reaches a slow reader whole, nothing lost and nothing twice', async () => {
    let n = 0;
    const sink = new SlowSink(100_001, () => turns(n++ % 5));
    expect(await (await answer()).pour(sink)).toBe('whole');
    expect(sink.total).toBe(BYTES.byteLength);
    expect(sink.sha256()).toBe(sha256(BYTES));
  });

  it('stops soon when its reader pauses, and goes on afterwards', async () => {
    let written = 0;
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let paused = () => {};
    const firstPause = new Promise<void>((resolve) => {
      paused = resolve;
    });
    const sink = new SlowSink(128 * 1024, () => {
      paused();
      return held;
    });
    const poured = (await answer((bytes) => (written += bytes))).pour(sink);
    await firstPause;
    await settledAt(() => written + sink.total);
    // Some records of 16 KiB that were decrypted already, or one read of the kernel's.
    expect(sink.late).toBeLessThanOrEqual(256 * 1024);
    expect(sink.total).toBeLessThan(BYTES.byteLength / 2);
    go();
    expect(await poured).toBe('whole');
    expect(sink.sha256()).toBe(sha256(BYTES));
  });

  it('waits for its reader to begin', async () => {
    let written = 0;
    const waiting = await answer((bytes) => (written += bytes));
    // Buffers of the two sockets hold some; the rest stays with the server.
    expect(await settledAt(() => written)).toBeLessThan(BYTES.byteLength);
    const sink = new SlowSink(MIB, () => Promise.resolve());
    expect(await waiting.pour(sink)).toBe('whole');
    expect(sink.sha256()).toBe(sha256(BYTES));
  });

  it('ends with the error of its reader', async () => {
    const failing: ByteSink = {
      room: () => new Uint8Array(1000),
      took: () => Promise.reject(new Error('the disk is full')),
    };
    await expect((await answer()).pour(failing)).rejects.toThrow('the disk is full');
    const throwing: ByteSink = {
      room: () => {
        throw new Error('no memory');
      },
      took() {},
    };
    await expect((await answer()).pour(throwing)).rejects.toThrow('no memory');
  });

  it('ends at once when its signal aborts, though its reader holds it up', async () => {
    const cancel = new AbortController();
    let paused = () => {};
    const firstPause = new Promise<void>((resolve) => {
      paused = resolve;
    });
    const sink = new SlowSink(10_000, () => {
      paused();
      return new Promise(() => {});
    });
    const poured = (await answer()).pour(sink, cancel.signal);
    await firstPause;
    cancel.abort(new Error('enough of it'));
    await expect(poured).rejects.toThrow('enough of it');
    const total = sink.total;
    await turns(50);
    expect(sink.total).toBe(total);
  });
});

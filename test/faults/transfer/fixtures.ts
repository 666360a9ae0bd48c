import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, vi } from 'vitest';
import { createTransferEngine, type EngineOverrides } from '../../../src/transfer/engine.ts';
import { TransferError } from '../../../src/transfer/failures/transfer_error.ts';
import { CLIENT_TLS, type Origin } from './origin.ts';
import { HELD_LIMITS, TestClock } from './test_clock.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanUp of cleanUps.splice(0).reverse()) {
    await cleanUp();
  }
});

beforeEach(() => {
  for (const name of [
    'http_proxy',
    'HTTP_PROXY',
    'https_proxy',
    'HTTPS_PROXY',
    'no_proxy',
    'NO_PROXY',
  ]) {
    vi.stubEnv(name, undefined);
  }
});

/** Does this after the test. */
export function closing(cleanUp: () => Promise<unknown>): void {
  cleanUps.push(cleanUp);
}

/** Closes the server after the test. */
export async function using(origin: Promise<Origin>): Promise<Origin> {
  const open = await origin;
  cleanUps.push(() => open.close());
  return open;
}

/** An empty folder that goes with the test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'transfer-'));
  cleanUps.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** An engine with no jitter whose long waits the test ends itself. */
export function engine(overrides: EngineOverrides = {}) {
  const clock = new TestClock();
  const made = createTransferEngine({
    clock,
    random: () => 0,
    ...overrides,
    limits: { ...HELD_LIMITS, ...overrides.limits },
  });
  cleanUps.push(() => made.close());
  return { engine: made, clock };
}

/** An engine that lives by the real clock. */
export function liveEngine() {
  const made = createTransferEngine({ random: () => 0, limits: { backoffBaseMs: 1 } });
  cleanUps.push(() => made.close());
  return made;
}

/** Connections that speak the test servers' TLS. */
export function tlsDispatcher(): Agent {
  const agent = new Agent({ allowH2: false, connect: CLIENT_TLS });
  cleanUps.push(() => agent.destroy());
  return agent;
}

/** Bytes without a pattern that a swapped or repeated chunk could hide in. */
export function noise(length: number, seed = 1): Buffer {
  const block = createHash('sha512').update(String(seed)).digest();
  const bytes = Buffer.alloc(length);
  for (let at = 0, n = seed; at < length; at += 64, n += 1) {
    block.writeUInt32LE(n >>> 0, 0);
    block.copy(bytes, at);
  }
  return bytes;
}

export async function sourceFile(bytes: Uint8Array, name = 'scene.tif'): Promise<string> {
  const path = join(await folder(), name);
  await writeFile(path, bytes);
  return path;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The rejection of a transfer that must fail with the library's own error. */
export async function failure(work: Promise<unknown>): Promise<TransferError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof TransferError) {
    return error;
  }
  throw error;
}

/** What a folder holds: names and SHA-256, which compares faster than the bytes. */
export async function contents(path: string): Promise<Record<string, string>> {
  const names = await readdir(path);
  const files = await Promise.all(
    names.map(async (name) => [name, sha256(await readFile(join(path, name)))] as const),
  );
  return Object.fromEntries(files);
}

/** Waits, by turns of the event loop, until a number has stopped changing. */
export async function settledAt(read: () => number, quietTurns = 200): Promise<number> {
  let last = read();
  for (let quiet = 0; quiet < quietTurns; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = read() === last ? quiet + 1 : 0;
    last = read();
  }
  return last;
}

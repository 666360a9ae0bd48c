import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineOverrides } from '../../../src/transfer/engine.ts';
import type { AddressRules } from '../../../src/transfer/http/address_policy.ts';
import type { Resolver } from '../../../src/transfer/http/name_lookups.ts';
import {
  createRemoteAccess,
  type RemoteAccess,
  type RemoteLimits,
} from '../../../src/transfer/sources/remote_access.ts';
import { openRemoteSource } from '../../../src/transfer/sources/remote_source.ts';
import type { UploadSource } from '../../../src/transfer/sources/upload_source.ts';
import { closing } from './fixtures.ts';
import { HELD_LIMITS, TestClock } from './test_clock.ts';

/** Longer than all that a test lets pass for another reason. */
const HELD_MS = 100_000_000;

export interface AccessOptions {
  readonly rules?: Partial<AddressRules>;
  readonly limits?: Partial<RemoteLimits>;
  readonly engine?: EngineOverrides;
  readonly resolve?: Resolver;
  readonly lookupMs?: number;
}

/** A world in which the servers of a test, on 127.0.0.1 alone, may be fetched from. */
export function remoteAccess(options: AccessOptions = {}): {
  readonly access: RemoteAccess;
  readonly clock: TestClock;
} {
  const clock = new TestClock();
  const access = createRemoteAccess({
    rules: { hosts: [], networks: ['127.0.0.1'], allowHttp: true, ...options.rules },
    userAgent: 'test/1',
    limits: { paceMs: HELD_MS, ...options.limits },
    engine: {
      clock,
      random: () => 0,
      ...options.engine,
      limits: { ...HELD_LIMITS, ...options.engine?.limits },
    },
    resolve: options.resolve,
    lookupMs: options.lookupMs ?? HELD_MS,
  });
  closing(() => access.engine.close());
  return { access, clock };
}

/** Opens a URL for the time of a test. */
export async function opened(
  url: string,
  access: RemoteAccess,
  signal = new AbortController().signal,
): Promise<UploadSource> {
  const source = await openRemoteSource(new URL(url), access, signal);
  closing(() => source.close());
  return source;
}

/** All bytes of a source, or of a range of it. */
export async function bytesOf(
  source: UploadSource,
  range?: { readonly start: number; readonly end: number },
  signal = new AbortController().signal,
): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of source.chunks(signal, range)) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

export interface ServedFile {
  readonly bytes: Buffer;
  /** By lower-case name; what is undefined is left out. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends each answer so many bytes after its first; a falsy value ends none. */
  breaksAfter?(n: number): number | undefined;
}

/** Answers as a server of files does: whole, or the range that is asked for, of that version alone. */
export function serveFile(file: ServedFile) {
  return (request: IncomingMessage, response: ServerResponse, n: number): void => {
    const { bytes, headers = {} } = file;
    const wanted = request.headers['if-match'];
    if (wanted !== undefined && wanted !== headers['etag']) {
      response.writeHead(412).end();
      return;
    }
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(first ?? 0);
    const end = last === undefined || last === '' ? bytes.length : Number(last) + 1;
    response.writeHead(first === undefined ? 200 : 206, {
      'content-length': end - start,
      ...(first !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
      ...headers,
    });
    const most = file.breaksAfter?.(n);
    if (most === undefined || start + most >= end) {
      response.end(bytes.subarray(start, end));
      return;
    }
    response.write(bytes.subarray(start, start + most), () => response.destroy());
  };
}

/** Something that a server sees happen and a test waits for. */
export function event(): { readonly happened: Promise<void>; happen(): void } {
  let happen = () => {};
  const happened = new Promise<void>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}

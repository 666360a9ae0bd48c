import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpOrigin, type Origin } from './origin.ts';

/** One request to an object that is served in ranges. */
export interface RangeRequest {
  /** From 1, over all connections. */
  readonly n: number;
  readonly start: number;
  /** Not included. */
  readonly end: number;
  readonly ifMatch: string | undefined;
  /** Bytes that were sent for it so far. */
  sent: number;
}

export interface RangeOrigin extends Origin {
  readonly requests: readonly RangeRequest[];
  /** Requests that are being answered now. */
  readonly open: () => number;
  /** What is served from now on. */
  replace(bytes: Buffer, etag?: string): void;
}

export interface RangeOriginOptions {
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: boolean;
  /** Takes an answer into its own hands; true if it did. */
  readonly answer?: (
    request: RangeRequest,
    response: ServerResponse,
    message: IncomingMessage,
  ) => boolean;
  /** Waits before each piece of a body. */
  readonly pace?: (request: RangeRequest) => Promise<void>;
  readonly pieceBytes?: number;
}

/** A store that serves one object in ranges, bound to its version, as the public stores do. */
export async function rangeOrigin(
  bytes: Buffer,
  options: RangeOriginOptions = {},
): Promise<RangeOrigin> {
  let object = { bytes, etag: options.etag ?? '"v1"' };
  let open = 0;
  const requests: RangeRequest[] = [];

  const origin = await httpOrigin(
    (message, response, n) => {
      const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(message.headers.range ?? '') ?? [];
      const { bytes: whole, etag } = object;
      const start = Number(from);
      const end = to === '' ? whole.length : Math.min(whole.length, Number(to) + 1);
      const request: RangeRequest = {
        n,
        start,
        end,
        ifMatch: message.headers['if-match'],
        sent: 0,
      };
      requests.push(request);
      if (options.answer?.(request, response, message) === true) return;
      if (request.ifMatch !== undefined && request.ifMatch !== etag) {
        response.writeHead(412, { 'content-length': 0 }).end();
        return;
      }
      if (start >= whole.length) {
        response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end();
        return;
      }
      response.writeHead(206, {
        etag,
        'content-length': end - start,
        'content-range': `bytes ${start}-${end - 1}/${whole.length}`,
        ...options.headers,
      });
      open += 1;
      response.on('close', () => {
        open -= 1;
      });
      sendPieces(request, response, whole, options).catch(() => response.destroy());
    },
    { tls: options.tls ?? false },
  );

  return {
    ...origin,
    requests,
    open: () => open,
    replace(next, etag = '"v2"') {
      object = { bytes: next, etag };
    },
  };
}

async function sendPieces(
  request: RangeRequest,
  response: ServerResponse,
  whole: Buffer,
  { pace, pieceBytes = 256 * 1024 }: RangeOriginOptions,
): Promise<void> {
  for (let at = request.start; at < request.end; ) {
    await pace?.(request);
    if (response.destroyed) return;
    const piece = whole.subarray(at, Math.min(request.end, at + pieceBytes));
    const drained = response.write(piece);
    at += piece.length;
    request.sent += piece.length;
    if (!drained) await drainedOrClosed(response);
  }
  response.end();
}

async function drainedOrClosed(response: ServerResponse): Promise<void> {
  const done = new AbortController();
  const { signal } = done;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  done.abort();
}

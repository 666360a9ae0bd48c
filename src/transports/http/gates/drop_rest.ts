import type { IncomingMessage } from 'node:http';

/** As much as a request may have; whoever sends more has not read the answer, or will not. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_MS = 2_000;

/**
 * Reads the rest of a request that is answered already, and keeps none of it, so that the client gets
 * to read the answer. One that goes on too long loses its connection.
 *
 * @param done called once the request has ended
 */
export function dropRest(request: IncomingMessage, done: () => void = () => undefined): void {
  let bytes = 0;
  const cut = () => request.socket.destroy();
  const timer = setTimeout(cut, MOST_MS).unref();
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) cut();
  });
  request.once('end', done);
  request.once('close', () => clearTimeout(timer));
  // A request that breaks off has nobody left to tell.
  request.on('error', () => undefined);
  request.resume();
}

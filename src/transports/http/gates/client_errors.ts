import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { rawRefusal } from './json_rpc_refusal.ts';
import { REFUSALS, type RefusalName } from './refusals.ts';
import { newRequestId } from './request_ids.ts';

/** By what Node's HTTP parser and server say; all else is no HTTP. */
const REFUSAL_BY_CODE: ReadonlyMap<string, RefusalName> = new Map([
  ['HPE_HEADER_OVERFLOW', 'headerTooLarge'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'bodyTooLarge'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'requestTimeout'],
]);

/**
 * Answers what Node's HTTP server cannot make a request of. A connection on which another answer is
 * under way is closed without a word, which would else stand in the midst of that one.
 *
 * @param told which refusal was sent, for counting
 */
export function answerClientErrors(
  server: Server,
  told: (refusal: RefusalName) => void = () => undefined,
): void {
  const open = new WeakMap<Duplex, Set<ServerResponse>>();

  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const responses = open.get(socket) ?? new Set();
    open.set(socket, responses.add(response));
    response.once('close', () => responses.delete(response));
  });

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // A socket without a listener throws what goes wrong while it is written to.
    socket.on('error', () => undefined);
    const answering = [...(open.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    if (answering || !socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const refusal = REFUSAL_BY_CODE.get(error.code ?? '') ?? 'malformedRequest';
    told(refusal);
    const text = rawRefusal({ ...REFUSALS[refusal], requestId: newRequestId() });
    socket.end(text, () => socket.destroy());
  });
}

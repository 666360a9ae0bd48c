import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The client went away, or a fault made the server hang up: there is nobody to answer. */
export class ConnectionGone extends Error {
  override readonly name = 'ConnectionGone';
}

/** How much of a body is let in: then the connection is cut, or goes silent until the client leaves. */
export interface BodyLimits {
  readonly cut?: number;
  readonly stall?: number;
}

/**
 * The body of a request as it arrives.
 *
 * @throws ConnectionGone if it ends early; whoever catches it destroys the response
 */
export async function* receivedBody(
  request: IncomingMessage,
  response: ServerResponse,
  { cut = Number.POSITIVE_INFINITY, stall = Number.POSITIVE_INFINITY }: BodyLimits,
): AsyncGenerator<Buffer> {
  let seen = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue;
      seen += chunk.length;
      if (seen >= cut) throw new ConnectionGone();
      if (seen >= stall) {
        request.pause();
        if (!response.closed) await once(response, 'close');
        throw new ConnectionGone();
      }
      yield chunk;
    }
  } catch (cause) {
    // Reading a request fails for one reason alone.
    throw new ConnectionGone('The connection ended before the body did.', { cause });
  }
  if (!request.complete) throw new ConnectionGone();
}

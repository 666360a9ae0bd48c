import { createServer, request as forward, type Server } from 'node:http';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

/** One request for an operation, as it was sent. */
export interface SentRequest {
  readonly operation: string;
  readonly key: string | undefined;
}

/** Stands before an API: sees what is sent to it, and may be out of reach for a while. */
export interface WatchedApi {
  readonly url: string;
  readonly sent: readonly SentRequest[];
  /** From now on connections are refused. */
  refuse(): Promise<void>;
  /** From now on they are taken again. */
  accept(): Promise<void>;
}

/** Ends with the test. */
export async function watchedApi(api: string): Promise<WatchedApi> {
  const sent: SentRequest[] = [];
  let server: Server | undefined;
  let port = 0;

  function listener(): Server {
    return createServer((asked, response) => {
      const { url = '', method = '', headers } = asked;
      const [, operation] = /^\/v1\/op\/(.+)$/.exec(url) ?? [];
      const key = headers['idempotency-key'];
      if (operation !== undefined) sent.push({ operation, key: key?.toString() });
      const onward = forward(`${api}${url}`, { method, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
        answer.once('error', () => response.destroy());
      });
      onward.once('error', () => response.destroy());
      response.once('close', () => onward.destroy());
      asked.pipe(onward);
    });
  }

  async function accept(): Promise<void> {
    if (server !== undefined) return;
    const listening = listener();
    await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
    port = z.object({ port: z.number() }).parse(listening.address()).port;
    server = listening;
  }

  async function refuse(): Promise<void> {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    closing.closeAllConnections();
    await new Promise((resolve) => closing.close(resolve));
  }

  await accept();
  onTestFinished(refuse);
  return { url: `http://127.0.0.1:${port}`, sent, refuse, accept };
}

import { startOfBody } from './body_text.ts';
import { connectionProblem, stalled } from './connection_problem.ts';
import type { TransferEngine } from './engine.ts';
import { HttpExchange, type HttpResponse } from './http_exchange.ts';
import { MOST_REDIRECTS, redirectTarget } from './redirects.ts';
import type { ResponseHeaders } from './response_headers.ts';
import { storageProblem } from './storage_problem.ts';
import { TransferError } from './transfer_error.ts';
import { parseTransferUrl } from './transfer_url.ts';
import { Watchdog } from './watchdog.ts';

/** Where the bytes of one attempt come from. */
export type DownloadSource =
  | { readonly kind: 'url'; readonly url: string }
  /** An API that answered with the bytes themselves. */
  | {
      readonly kind: 'body';
      /** By lower-case name. */
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly body: AsyncIterable<Uint8Array>;
      /** Ends the connection behind the body. */
      discard(): void;
    };

/** Bytes that have begun to come. */
export interface OpenedBody {
  readonly headers: ResponseHeaders;
  readonly body: AsyncIterable<Uint8Array>;
  discard(): void;
}

/** Asks for the file itself: no credentials, no Referer, no compression, no range. */
const REQUEST_HEADERS = { 'Accept-Encoding': 'identity' };

/**
 * Opens a source, following redirects by hand.
 *
 * @throws TransferError for a refusal, a redirect that is not followed, or no answer in time
 */
export async function openSource(
  source: DownloadSource,
  engine: TransferEngine,
  signal: AbortSignal,
): Promise<OpenedBody> {
  if (source.kind === 'body') {
    return source;
  }
  let url = parseTransferUrl(source.url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await get(url, engine, signal);
    if ('to' in answer === false) {
      return answer;
    }
    url = answer.to;
  }
  throw new TransferError({
    code: 'redirect_refused',
    message: `the download was redirected more than ${MOST_REDIRECTS} times.`,
  });
}

async function get(
  url: URL,
  engine: TransferEngine,
  signal: AbortSignal,
): Promise<OpenedBody | { readonly to: URL }> {
  const exchange = new HttpExchange();
  const { getAnswerMs } = engine.limits;
  let watchdog: Watchdog | undefined;
  const onAbort = () => exchange.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    exchange.start(await engine.dispatcher('shared'), {
      method: 'GET',
      url,
      headers: REQUEST_HEADERS,
      onStart: () => {
        watchdog = new Watchdog(engine.clock, getAnswerMs, () =>
          exchange.abort(stalled(getAnswerMs, 0)),
        );
      },
    });
    signal.throwIfAborted();
    const response = await exchange.response;
    const to = redirectTarget(url, response);
    if (to !== undefined) {
      exchange.abort(new Error('redirected'));
      return { to };
    }
    await assertWhole(response, url, engine);
    const { headers, body } = response;
    return { headers, body, discard: () => exchange.abort(new Error('discarded')) };
  } catch (error) {
    exchange.abort(error);
    throw connectionProblem(error, 0);
  } finally {
    watchdog?.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

async function assertWhole(
  response: HttpResponse,
  url: URL,
  engine: TransferEngine,
): Promise<void> {
  const { status, headers, body } = response;
  if (status === 200 || status === 203) {
    return;
  }
  if (status < 300) {
    throw new TransferError({
      code: 'storage_refused',
      message: `storage answered ${status} instead of the whole file.`,
      status,
    });
  }
  const now = engine.clock.now();
  throw storageProblem({ status, headers, body: await startOfBody(body), url, now });
}

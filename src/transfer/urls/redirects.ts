import { TransferError } from '../failures/transfer_error.ts';
import type { GetAnswer } from '../http/get_answer.ts';
import { headerText } from '../http/response_headers.ts';
import { isLoopback } from './transfer_url.ts';

export const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function refused(why: string, status: number): TransferError {
  return new TransferError({
    code: 'redirect_refused',
    message: `the request was redirected ${why}.`,
    status,
  });
}

/**
 * Where a redirect of a GET leads. Nothing but the URL is carried over: no credentials, no Referer.
 * https never leads to http, and another host never leads to http on this machine.
 *
 * @returns undefined if the answer is no redirect
 * @throws TransferError `redirect_refused`
 */
export function redirectTarget(
  from: URL,
  response: Pick<GetAnswer, 'status' | 'headers'>,
): URL | undefined {
  const { status, headers } = response;
  if (!REDIRECTS.has(status)) {
    return undefined;
  }
  const location = headerText(headers, 'location') ?? '';
  if (location === '' || !URL.canParse(location, from.href)) {
    throw refused('without a place to go', status);
  }
  const to = new URL(location, from.href);
  if (to.username !== '' || to.password !== '') {
    throw refused('to a URL with a user name in it', status);
  }
  const allowed =
    to.protocol === 'https:' ||
    (to.protocol === 'http:' && from.protocol === 'http:' && (!isLoopback(to) || isLoopback(from)));
  if (!allowed) {
    throw refused(`from ${from.protocol.slice(0, -1)} to ${to.protocol.slice(0, -1)}`, status);
  }
  return to;
}

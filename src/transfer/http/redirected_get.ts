import { TransferError } from '../failures/transfer_error.ts';
import { MOST_REDIRECTS, redirectTarget } from '../urls/redirects.ts';
import type { GetAnswer, GetChannel } from './get_answer.ts';

/**
 * Asks for a URL, and for the one that it leads to instead.
 *
 * @returns the first answer that is no redirect, and who gave it
 * @throws TransferError, `redirect_refused` among others; or the signal's reason
 */
export async function getRedirected(
  channel: GetChannel,
  from: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ readonly answer: GetAnswer; readonly url: URL }> {
  let url = from;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await channel.get(url, headers, signal);
    const to = redirectTarget(url, answer);
    if (to === undefined) return { answer, url };
    answer.discard();
    url = to;
  }
  throw new TransferError({
    code: 'redirect_refused',
    message: `the request was redirected more than ${MOST_REDIRECTS} times.`,
  });
}

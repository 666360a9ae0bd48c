import { withDeadline } from '../../geopera/deadline.ts';
import { GeoperaError } from '../../geopera/geopera_error.ts';
import { plainText } from '../../geopera/plain_text.ts';
import { readDownloadAnswer } from '../../transfer/downloads/download_answer.ts';
import { TransferError } from '../../transfer/failures/transfer_error.ts';
import type { ByteSink, GetAnswer, GetChannel } from '../../transfer/http/get_answer.ts';
import { redirectTarget } from '../../transfer/urls/redirects.ts';
import type { ToolAnswer } from '../tool.ts';
import { noted } from './answer_note.ts';
import { type FoundImage, imageAnswer } from './image_answer.ts';
import { answered } from './json_answer.ts';
import type { OperationCall } from './operation_call.ts';
import type { RedirectAccess, RedirectAnswer } from './redirect_access.ts';
import { saveWords } from './save_words.ts';
import { isSecretText } from './secret_members.ts';
import { decodedText } from './text_view.ts';

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_REDIRECTS = 2;
const FETCH_SECONDS = 30;
const HEADERS = { 'Accept-Encoding': 'identity', Accept: 'image/*', 'User-Agent': 'geopera-mcp' };

/** The image that the API leads to, for the model to see; its address where it cannot be fetched. */
export async function redirectedImage(
  redirect: RedirectAnswer,
  asked: OperationCall,
): Promise<ToolAnswer> {
  const { call, operation } = asked;
  const { withRedirectAccess } = await import('./redirect_access.ts');
  try {
    const image = await withRedirectAccess(redirect, (access) =>
      withDeadline(operation.id, FETCH_SECONDS, call.signal, (signal) =>
        fetchImage(new URL(redirect.location), access, signal),
      ),
    );
    return shown(image, redirect, asked);
  } catch (failure) {
    call.signal.throwIfAborted();
    if (!(failure instanceof TransferError || failure instanceof GeoperaError)) throw failure;
    // What was too slow for an answer is not for a file; what may not be fetched may not be saved either.
    const way =
      failure instanceof GeoperaError ? saveWords(asked) : 'The user may open its address.';
    const says = `The image was not fetched: ${plainText(failure.message, 200)} ${way}`;
    return answered(noted({ says }, { url: redirect.location }), asked);
  }
}

/** The image with its address, which is what some ask for; a signed one would be a secret for no use. */
function shown(image: FoundImage, { location }: RedirectAnswer, asked: OperationCall): ToolAnswer {
  const { mediaType, data } = image;
  if (mediaType === 'image/svg+xml' && data !== undefined) {
    return answered(decodedText(data, mediaType, asked), asked);
  }
  const answer = imageAnswer(image, asked);
  return isSecretText(location) ? answer : { ...answer, facts: { ...answer.facts, url: location } };
}

async function fetchImage(
  from: URL,
  { engine, assertUrl }: RedirectAccess,
  signal: AbortSignal,
): Promise<FoundImage> {
  const channel = await engine.openChannel();
  try {
    const answer = await follow(channel, from, assertUrl, signal);
    if (answer.status !== 200) throw refused(`its server answered ${answer.status}`);
    const { mediaType = '', bytes } = readDownloadAnswer(answer.headers);
    if (!mediaType.startsWith('image/')) throw refused('what its server sends is no image');
    if ((bytes ?? 0) > MOST_BYTES) return { mediaType, bytes };
    const sink = new ImageSink();
    const end = await answer.pour(sink, signal);
    return end === 'whole' ? { mediaType, bytes: sink.bytes, data: sink.data } : { mediaType };
  } finally {
    channel.close();
  }
}

async function follow(
  channel: GetChannel,
  from: URL,
  assertUrl: (url: URL) => void,
  signal: AbortSignal,
): Promise<GetAnswer> {
  let url = from;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    assertUrl(url);
    const answer = await channel.get(url, HEADERS, signal);
    const to = redirectTarget(url, answer);
    if (to === undefined) return answer;
    answer.discard();
    url = to;
  }
  throw refused(`it is redirected more than ${MOST_REDIRECTS} times`);
}

function refused(why: string): TransferError {
  return new TransferError({ code: 'redirect_refused', message: `${why}.` });
}

/** Memory for one image; it has enough where there would be more. */
class ImageSink implements ByteSink {
  readonly #memory = Buffer.allocUnsafe(MOST_BYTES);
  bytes = 0;

  room(): Uint8Array | undefined {
    return this.bytes < MOST_BYTES ? this.#memory.subarray(this.bytes) : undefined;
  }

  took(bytes: number): void {
    this.bytes += bytes;
  }

  get data(): Buffer {
    return this.#memory.subarray(0, this.bytes);
  }
}

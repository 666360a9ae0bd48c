import type { ResponseKind } from '../../operations/operation.ts';
import type { ToolAnswer } from '../tool.ts';
import { badView } from './bad_view.ts';
import { fileAnswer } from './file_answer.ts';
import { imageAnswer, MOST_IMAGE_BYTES } from './image_answer.ts';
import { isShown } from './image_type.ts';
import { answered } from './json_answer.ts';
import { ndjsonAnswer } from './ndjson_answer.ts';
import type { OperationCall } from './operation_call.ts';
import {
  mediaTypeOf,
  mustBeNoWebPage,
  readStart,
  type SentBody,
  statedBytes,
} from './read_body.ts';
import { decodedText } from './text_view.ts';

/** A text is read so far, for its length and for whatever part of it is wanted. */
const MOST_TEXT_BYTES = 8 * 1024 * 1024;

type Read = (
  body: SentBody,
  mediaType: string | undefined,
  asked: OperationCall,
) => Promise<ToolAnswer>;

interface Form {
  readonly read: Read;
  readonly mediaType: RegExp;
  /** Read so too where the media type says nothing. */
  readonly responses: readonly ResponseKind[];
}

/** The forms of a body in the order in which they are looked for. */
const FORMS: readonly Form[] = [
  {
    read: (body, _, asked) => ndjsonAnswer(body, asked),
    mediaType: /^application\/(?:x-)?(?:ndjson|json-?lines|jsonl)$/,
    responses: ['ndjson'],
  },
  {
    read: readText,
    mediaType: /^(?:text\/.*|application\/(?:xml|javascript|yaml|x-yaml)|.*\+xml)$/,
    responses: ['xml'],
  },
  { read: readImage, mediaType: /^image\//, responses: ['image'] },
];

/** What the API sent that is no JSON, as a model can take it. */
export async function bodyAnswer(body: SentBody, asked: OperationCall): Promise<ToolAnswer> {
  mustBeNoWebPage(body, asked);
  const mediaType = mediaTypeOf(body);
  const { response } = asked.operation;
  const isUnknown = mediaType === undefined || mediaType === 'application/octet-stream';
  // A plain text may well be XML or lines, but is no image.
  const isVague = isUnknown || (mediaType === 'text/plain' && response !== 'image');
  const form =
    FORMS.find(({ responses }) => isVague && responses.includes(response)) ??
    FORMS.find((it) => it.mediaType.test(mediaType ?? ''));
  if (response === 'file' || form === undefined) {
    body.discard();
    return fileAnswer({ media_type: mediaType, bytes: statedBytes(body) }, asked);
  }
  return form.read(body, isUnknown ? undefined : mediaType, asked);
}

async function readText(
  body: SentBody,
  mediaType: string | undefined,
  asked: OperationCall,
): Promise<ToolAnswer> {
  refusePart(body, asked);
  const { bytes, isWhole } = await readStart(body, MOST_TEXT_BYTES, asked);
  return answered(decodedText(bytes, mediaType, asked, isWhole), asked);
}

async function readImage(
  body: SentBody,
  mediaType: string | undefined,
  asked: OperationCall,
): Promise<ToolAnswer> {
  refusePart(body, asked);
  const stated = statedBytes(body);
  const isOfAnotherKind = mediaType !== undefined && !isShown(mediaType);
  if (isOfAnotherKind || (stated ?? 0) > MOST_IMAGE_BYTES) {
    body.discard();
    return imageAnswer({ mediaType, bytes: stated }, asked);
  }
  const { bytes, isWhole } = await readStart(body, MOST_IMAGE_BYTES, asked);
  return imageAnswer(
    { mediaType, bytes: isWhole ? bytes.byteLength : stated, data: isWhole ? bytes : undefined },
    asked,
  );
}

function refusePart(body: SentBody, asked: OperationCall): void {
  if (asked.view.part === undefined) return;
  body.discard();
  throw badView(asked, 'part: the answer is no JSON, and has no members');
}

import type { CallTerms } from '../../geopera/client.ts';
import type { Operation } from '../../operations/operation.ts';
import type { OfferedCall, ToolAnswer } from '../tool.ts';
import { bodyAnswer } from './body_answer.ts';
import { answered, jsonAnswer } from './json_answer.ts';
import type { AnswerView, OperationCall } from './operation_call.ts';
import { redirectedImage } from './redirected_image.ts';
import { saveAnswer } from './save_answer.ts';

export type { AnswerView } from './operation_call.ts';

/**
 * Calls an operation and makes what the API answers fit for a model: JSON as it is, cut at a record where
 * it is long; images as images; texts and lines bounded, with the call for the rest; or a file of this
 * machine. Which of these it is follows from what came.
 *
 * @param body as the operation's model parsed it
 * @throws InvalidArguments for a part that the answer has not, PathRefused, GeoperaError, TransferError; or
 *   the signal's reason
 */
export async function answerOf(
  operation: Operation,
  body: Readonly<Record<string, unknown>>,
  view: AnswerView,
  call: OfferedCall,
  terms: CallTerms,
): Promise<ToolAnswer> {
  const asked: OperationCall = { operation, body, view, call, terms };
  if (view.saveTo !== undefined) return saveAnswer(asked, view.saveTo);
  const { geopera } = call.context;
  if (operation.response === 'json') {
    return jsonAnswer(await geopera.callUntyped(operation, body, call.signal, terms), asked);
  }
  const came = await geopera.openFile(operation, body, call.signal, terms);
  switch (came.kind) {
    case 'json':
      return jsonAnswer(came.value, asked);
    case 'body':
      return bodyAnswer(came, asked);
    case 'redirect':
      return operation.response === 'file'
        ? answered({ url: came.location }, asked)
        : redirectedImage(came, asked);
  }
}

import { z } from 'zod';
import type { Operation } from '../../operations/operation.ts';
import { ANSWER_SAVER, isCalledForItsAnswer } from '../answers/save_words.ts';
import { InvalidArguments } from '../arguments.ts';
import { hints } from '../effect_hints.ts';
import { DEFAULT_TOOLSET, OPERATIONS_TOOLSET } from '../selection/tool_selection.ts';
import { defineTool } from '../tool.ts';
import { calledOperation, inputOf } from './called_operation.ts';
import { performOperation } from './perform_operation.ts';
import { reachableOperation } from './reachable_operation.ts';

const NAME = ANSWER_SAVER;

export const saveAnswerToPath = defineTool({
  name: NAME,
  title: 'Save an answer to a file',
  description:
    'Call a Geopera operation that reads, or computes a picture or a report, and save its whole answer as a file on this machine: an image, XML, a long list.',
  toolsets: [DEFAULT_TOOLSET, OPERATIONS_TOOLSET],
  // Not a reader: a host that always allows those would let files be written.
  hints: hints({ destructive: true }),
  input: () =>
    z
      .object({
        ...calledOperation(),
        path: z.string().min(1).describe('File to make; its folder must exist and be allowed.'),
        overwrite: z.boolean().default(false).describe('Replace the file if it exists.'),
        part: z.string().max(500).optional().describe('Only this member of the answer.'),
      })
      .strict(),
  async run({ operation: asked, arguments: args, path: saveTo, overwrite, part }, call) {
    const operation = await reachableOperation(asked, call);
    mustBeSaveable(operation);
    const body = inputOf(operation, args);
    return performOperation(operation, body, { view: { skip: 0, part, saveTo, overwrite } }, call);
  },
});

/** What acts for its effect, and not for its answer, is for the callers, which ask and answer as that needs. */
function mustBeSaveable(operation: Operation): void {
  if (isCalledForItsAnswer(operation)) return;
  const fault = `operation: ${operation.id} is not called for its answer alone`;
  throw new InvalidArguments(NAME, [fault]);
}

import { z } from 'zod';
import { plainText } from '../geopera/plain_text.ts';
import { uploads } from '../operations/uploads.ts';
import { finishUpload as finish } from '../workflows/upload_link.ts';
import { completionFacts } from './completion_facts.ts';
import { EFFECT_HINTS } from './effect_hints.ts';
import { runTransfer } from './run_transfer.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool } from './tool.ts';
import { transferOutput, waitSeconds } from './transfer_facts.ts';

const { id, scope, effect } = uploads.complete;

export const finishUpload = defineTool({
  name: 'finish_upload',
  title: 'Finish an upload by links',
  description:
    'Finish an upload session of create_upload_link once the command of every file was run: Geopera makes items of the files. Answers the new item ids. If files are missing it says so, and the session stays open. Goes on after wait_seconds: follow it with transfer_status. uploads.fail gives a session up.',
  toolsets: [DEFAULT_TOOLSET, 'uploads'],
  hints: EFFECT_HINTS[effect],
  scope,
  input: () =>
    z
      .object({
        upload_id: z.string().min(1).max(200).describe('From create_upload_link.'),
        wait_seconds: waitSeconds(),
      })
      .strict(),
  output: () => transferOutput(z.object({ item_ids: z.array(z.string()) })),
  async run({ upload_id: uploadId, wait_seconds }, call) {
    const { context, owner, signal } = call;
    return runTransfer(
      {
        kind: 'upload',
        what: `the files of session ${plainText(uploadId, 80)}`,
        sameAs: ['finish_upload', uploadId],
        waitSeconds: wait_seconds,
        async prepare() {
          await context.scopes.require(scope, id, signal);
          return async (act) => {
            const finished = await finish({ owner, uploadId }, act, context);
            return { facts: { upload_id: uploadId, ...completionFacts(finished) } };
          };
        },
      },
      call,
    );
  },
});

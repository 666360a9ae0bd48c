import { basename, parse } from 'node:path';
import { z } from 'zod';
import { filesInWords } from '../../connectors/files_in_words.ts';
import { commitFields, titleField } from '../../connectors/geolens/commit_fields.ts';
import type { GeolensService } from '../../connectors/geolens/geolens_service.ts';
import { geolensUpload } from '../../connectors/geolens/geolens_upload.ts';
import { plainText } from '../../geopera/plain_text.ts';
import { resolveSource } from '../../transfer/files/allowed_folders.ts';
import { openSourceFile } from '../../transfer/files/source_file.ts';
import { contentTypeOf } from '../../workflows/content_types.ts';
import { NotConfirmed } from '../consent/consent_error.ts';
import { hints } from '../effect_hints.ts';
import { confirmation as confirmationArgument } from '../operations/confirmation_argument.ts';
import { isKnownTransfer, runTransfer, type TransferPlan } from '../run_transfer.ts';
import { withConsent } from '../services/with_consent.ts';
import { sourceState } from '../source_state.ts';
import { defineTool, type Tool } from '../tool.ts';
import { waitSeconds } from '../transfer_facts.ts';
import { importFacts, importOutput } from './import_facts.ts';

const NAME = 'geolens_upload_file';
const ID = 'geolens.upload_file';
const MOST_TITLE_CHARS = 500;

/** The whole way of one file to a dataset. */
export function geolensUploadFile(service: GeolensService, toolsets: readonly string[]): Tool {
  return defineTool({
    name: NAME,
    title: 'Upload a local file to GeoLens',
    description:
      'Upload one file of this machine to GeoLens and make it a dataset: vector, raster or table. Checks limits, sends the bytes, previews, commits, and waits for the dataset id. Only public visibility asks the user. A file of several layers needs layer_name. Goes on after wait_seconds: transfer_status follows it. The path must lie in an allowed folder.',
    toolsets,
    hints: hints({}),
    input: () =>
      z
        .object({
          path: z.string().min(1).describe('File on this machine.'),
          title: titleField().optional().describe('The file name if absent.'),
          file_name: z.string().optional().describe('Another name in GeoLens.'),
          ...commitFields(),
          wait: z.boolean().default(true).describe('False: end after the commit.'),
          wait_seconds: waitSeconds(),
          confirmation: confirmationArgument(),
        })
        .strict(),
    output: importOutput,
    async run({ path: named, wait_seconds, wait, confirmation, ...wish }, call) {
      const path = await resolveSource(named, await call.folders());
      const { file_name: fileName = basename(path), title = titleOf(fileName), ...fields } = wish;
      const terms = { ...fields, title };
      const state = await sourceState(path);
      const act = {
        id: ID,
        // Another file of that path, or a changed one, is not the one that the user agreed to.
        input: { path, file_name: fileName, version: state.version, ...terms },
        confirmation,
      };
      const { engine } = call.context;
      const request = { fileName, terms, wait, contentType: contentTypeOf(fileName) };
      const file = { ...request, open: () => openSourceFile(path) };
      const plan: TransferPlan = {
        kind: 'upload',
        what: filesInWords([fileName]),
        bytesTotal: state.bytes,
        // Whoever waits longer or not at all wants the same dataset.
        sameAs: [NAME, service.access.baseUrl, path, fileName, terms, state],
        waitSeconds: wait_seconds,
        async prepare() {
          // It was under way a moment ago, and has ended: to publish once more is another act.
          if (isUnderWay && asks !== undefined) throw new NotConfirmed(ID, 'invalid_confirmation');
          return async (running) => ({
            facts: importFacts(file, await geolensUpload(file, running, service, engine)),
          });
        },
      };
      const asks = questionOf(path, terms);
      // What was agreed to, and is under way or has just ended, is not asked about again.
      const isUnderWay = await isKnownTransfer(plan, call);
      const question = isUnderWay ? undefined : asks;
      return withConsent({ ...act, question }, call, () => runTransfer(plan, call));
    },
  });
}

function titleOf(fileName: string): string {
  return parse(fileName).name.slice(0, MOST_TITLE_CHARS) || 'dataset';
}

function questionOf(
  path: string,
  { visibility, title }: { readonly visibility: string; readonly title: string },
): string | undefined {
  if (visibility !== 'public') return undefined;
  return `GeoLens: publish the file ${plainText(path, 300)} as the dataset "${plainText(title, 120)}", which anybody can see without signing in.`;
}

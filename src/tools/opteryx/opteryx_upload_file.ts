import { basename } from 'node:path';
import { z } from 'zod';
import { filesInWords } from '../../connectors/files_in_words.ts';
import {
  declaredColumns,
  ignoredColumns,
} from '../../connectors/opteryx/contracts/contract_endpoints.ts';
import { isOfNewTable } from '../../connectors/opteryx/contracts/plan_seen.ts';
import { kindOf } from '../../connectors/opteryx/open_tables.ts';
import type { OpteryxService } from '../../connectors/opteryx/opteryx_service.ts';
import {
  conflictResolution,
  tableOf,
  targetFields,
} from '../../connectors/opteryx/opteryx_target.ts';
import {
  type OpteryxUploadRequest,
  opteryxUpload,
} from '../../connectors/opteryx/opteryx_upload.ts';
import { plainNames } from '../../geopera/plain_text.ts';
import { type AllowedFolders, resolveSource } from '../../transfer/files/allowed_folders.ts';
import { openSourceFile } from '../../transfer/files/source_file.ts';
import { InvalidArguments } from '../arguments.ts';
import { NotConfirmed } from '../consent/consent_error.ts';
import { hints } from '../effect_hints.ts';
import { confirmation } from '../operations/confirmation_argument.ts';
import { isKnownTransfer, runTransfer, type TransferPlan } from '../run_transfer.ts';
import { withConsent } from '../services/with_consent.ts';
import { sourceState } from '../source_state.ts';
import { defineTool, type Tool } from '../tool.ts';
import { waitSeconds } from '../transfer_facts.ts';
import { uploadFacts } from './opteryx_upload_facts.ts';

const ID = 'opteryx.upload_file';
const NAME = 'opteryx_upload_file';
/** Each file stays open through the upload, and descriptors are few. */
const MOST_FILES = 500;

const DESCRIPTION =
  'Upload tables of this machine (parquet, csv, ndjson) into one Opteryx dataset and commit them: all rows or none. What a failure leaves staged is removed. Status plan means that nothing was sent: show it and, if the user agrees, call again with accept_plan. Goes on after wait_seconds: see transfer_status.';

const input = () =>
  z
    .object({
      path: z.string().min(1).optional().describe('File on this machine.'),
      paths: z.array(z.string().min(1)).max(MOST_FILES).optional().describe('Or several.'),
      ...targetFields(),
      conflict_resolution: conflictResolution(),
      snapshot_message: z.string().max(1000).optional().describe('Told of the commit.'),
      columns: declaredColumns('All columns, instead of inferred types.').optional(),
      ignore: ignoredColumns().optional(),
      accept_plan: z.string().optional().describe('As a plan answered it.'),
      ignore_issues: z.boolean().optional().describe('Commit despite issues, if the user agrees.'),
      wait_seconds: waitSeconds(),
      confirmation: confirmation(),
    })
    .strict();

type Input = z.output<ReturnType<typeof input>>;

/** What programs read of it. */
const outline = () =>
  z.object({
    status: z.enum(['running', 'completed', 'plan', 'not_done_yet']),
    transfer_id: z.string().optional(),
    table: z.string().optional(),
    commit_id: z.string().optional(),
    accept_plan: z.string().optional(),
  });

/** Tables from this machine into one dataset, by whichever way is configured. */
export function opteryxUploadFile(service: OpteryxService, toolsets: readonly string[]): Tool {
  return defineTool({
    name: NAME,
    title: 'Upload tables to Opteryx',
    description: DESCRIPTION,
    toolsets,
    // To overwrite is asked about first, whatever the host makes of a hint.
    hints: hints({ destructive: true }),
    input,
    output: outline,
    async run({ confirmation: given, wait_seconds, ...asked }, call) {
      const paths = await judgedFiles(asked, await call.folders());
      const states = await Promise.all(paths.map(sourceState));
      const names = paths.map((path) => basename(path));
      const request = requestOf(asked, paths);
      const { engine } = call.context;
      const plan: TransferPlan = {
        kind: 'upload',
        what: filesInWords(names),
        bytesTotal: states.reduce((sum, { bytes }) => sum + bytes, 0),
        sameAs: [NAME, asked, paths, states],
        waitSeconds: wait_seconds,
        async prepare() {
          // It was under way a moment ago, and has ended: to do it again is another act.
          if (isUnderWay && asks !== undefined) throw new NotConfirmed(ID, 'invalid_confirmation');
          return async (act) => ({
            facts: uploadFacts(await opteryxUpload(request, act, service, engine)),
          });
        },
      };
      const asks = questionOf(asked, names);
      // What was agreed to, and is under way or has just ended, is not asked about again.
      const isUnderWay = await isKnownTransfer(plan, call);
      const question = isUnderWay ? undefined : asks;
      const act = { id: ID, input: { ...asked, states }, question, confirmation: given };
      return withConsent(act, call, () => runTransfer(plan, call));
    },
  });
}

type Asked = Omit<Input, 'confirmation' | 'wait_seconds'>;

function requestOf(asked: Asked, paths: readonly string[]): OpteryxUploadRequest {
  const { workspace, collection, dataset } = asked;
  return {
    target: { workspace, collection, dataset },
    tables: paths.map((path) => ({ fileName: basename(path), open: () => openSourceFile(path) })),
    conflictResolution: asked.conflict_resolution,
    message: asked.snapshot_message,
    columns: asked.columns,
    ignore: asked.ignore,
    acceptPlan: asked.accept_plan,
    ignoreIssues: asked.ignore_issues,
  };
}

/** The real paths of all files, each allowed and of a kind that is taken. */
async function judgedFiles(
  { path, paths = [] }: Asked,
  folders: AllowedFolders,
): Promise<readonly string[]> {
  const named = path === undefined ? paths : [path, ...paths];
  if (named.length === 0) throw new InvalidArguments(NAME, ['path or paths: one is required']);
  const real: string[] = [];
  for (const it of named) {
    const found = await resolveSource(it, folders);
    const fault = real.includes(found) ? `${basename(found)} is named twice` : undefined;
    if (fault !== undefined) throw new InvalidArguments(NAME, [`paths: ${fault}`]);
    kindOf(basename(found));
    real.push(found);
  }
  return real;
}

function questionOf(asked: Asked, names: readonly string[]): string | undefined {
  const { conflict_resolution: resolution, accept_plan: accepted } = asked;
  if (resolution !== 'overwrite') return undefined;
  // Asked before this plan was made, and there was nothing to replace: a session takes no plan.
  if (accepted !== undefined && isOfNewTable(accepted)) return undefined;
  return `Opteryx: replace all rows of the table ${tableOf(asked)}, if it exists, with the rows of ${plainNames(names, 10)}.`;
}

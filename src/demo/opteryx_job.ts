import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type OpteryxEmulator,
  type OpteryxState,
  startOpteryxEmulator,
} from '../sandbox/opteryx/opteryx_emulator.ts';
import type { DemoClient } from './demo_client.ts';
import { writeShipTables } from './harbour_ships.ts';
import { type SentTable, tableAt } from './sent_table.ts';
import { type JobOptions, type JobReport, onStage, type SceneServer, type Stage } from './stage.ts';
import type { Steps } from './steps.ts';

/** What the job did, as `demo --service opteryx --json` prints it. */
interface OpteryxJobReport extends JobReport {
  readonly service: 'opteryx';
  readonly files: number;
  readonly bytes: number;
  readonly contract: CommitReport;
  readonly session: CommitReport;
}

/** One table, after all that was committed to it. */
interface CommitReport {
  readonly table: string;
  readonly commit_id: string;
  readonly rows: number;
  readonly commits: number;
}

const TARGET = { workspace: 'harbour', collection: 'port' };
const BY_CONTRACT = { ...TARGET, dataset: 'ships' };
const BY_SESSION = { ...TARGET, dataset: 'ships_in_parts' };

const shownPlan = z.object({
  status: z.literal('plan'),
  plan: z.array(z.object({ column: z.string(), to: z.string() })),
  accept_plan: z.string(),
});
const committed = z.object({
  table: z.string(),
  commit_id: z.string(),
  rows_written: z.number().nullish(),
  compared: z.string(),
});
const committedParts = committed.extend({ parts: z.number() });

type Committed = z.output<typeof committed>;

/**
 * Uploads tables to an Opteryx of its own, through a real client: by a contract whose plan is seen before it is
 * accepted, again in place of what is there, and by a session of parts. Throws if a step fails. Leaves nothing.
 */
export async function runOpteryxJob({ file, ...options }: JobOptions): Promise<OpteryxJobReport> {
  return onStage({ ...options, keepsFolder: false }, async (stage) => {
    const paths = file === undefined ? await writeShipTables(stage.folder) : [await realpath(file)];
    const opteryx = await startOpteryxEmulator();
    try {
      return await play(stage, opteryx, paths);
    } finally {
      await opteryx.close();
    }
  });
}

async function play(
  stage: Stage,
  opteryx: OpteryxEmulator,
  paths: readonly string[],
): Promise<OpteryxJobReport> {
  const { steps, signal } = stage;
  const tables = await Promise.all(paths.map((path) => tableAt(path, signal)));
  const bytes = tables.reduce((sum, { size }) => sum + size, 0);
  const names = tables.map(({ name }) => name).join(', ');
  steps.say(`To upload, ${bytes} bytes: ${names}`);
  const server = (api: 'v1' | 'v2') => serverOf(opteryx, stage, { paths, api });
  const byContract = await stage.withClient(server('v2'), async (client) => {
    await createByContract(stage, client, paths);
    return overwriteByContract(stage, client, paths);
  });
  const bySession = await stage.withClient(server('v1'), (client) =>
    createBySession(stage, client, paths),
  );
  const contract = committedAt(opteryx, byContract);
  const session = committedAt(opteryx, bySession);
  // By contract files go as they are. By session they are cut, which must not change a row.
  const ok = holdsFiles(contract, tables) && holdsRowsOf(session, contract);
  steps.say(
    ok ? 'The rows that arrived are the rows that were sent, in both tables.' : 'ROWS DIFFER',
  );
  return {
    ok,
    service: 'opteryx',
    files: paths.length,
    bytes,
    contract: reportOf(byContract, contract),
    session: reportOf(bySession, session),
  };
}

function serverOf(
  opteryx: OpteryxEmulator,
  { folder }: Stage,
  { paths, api }: { readonly paths: readonly string[]; readonly api: 'v1' | 'v2' },
): SceneServer {
  return {
    env: {
      OPTERYX_UPLOAD_URL: opteryx.uploadUrl,
      OPTERYX_AUTH_URL: opteryx.authUrl,
      OPTERYX_CLIENT_ID: opteryx.clientId,
      OPTERYX_CLIENT_SECRET: opteryx.clientSecret,
      GEOPERA_STATE_DIR: join(folder, 'state'),
    },
    folders: [...new Set(paths.map((path) => dirname(path)))],
    flags: ['--opteryx-api', api],
  };
}

async function createByContract(
  { steps }: Stage,
  client: DemoClient,
  paths: readonly string[],
): Promise<void> {
  const upload = { paths, ...BY_CONTRACT };
  steps.say(`Proposing a contract for ${tableName(BY_CONTRACT)}, by samples of the files`);
  const { plan, accept_plan } = shownPlan.parse(await client.call('opteryx_upload_file', upload));
  steps.done(`the plan: ${plan.map(({ column, to }) => `${column} ${to}`).join(', ')}`);
  steps.done('the user is shown it, and nothing was sent. Here, the answer is yes');
  steps.say('Uploading under the plan that was seen');
  const accepted = { ...upload, accept_plan };
  tell(steps, await client.call('opteryx_upload_file', accepted, steps.bar));
}

async function overwriteByContract(
  { steps }: Stage,
  client: DemoClient,
  paths: readonly string[],
): Promise<Committed> {
  steps.say(`Uploading again, in place of the rows of ${tableName(BY_CONTRACT)}`);
  const upload = { paths, ...BY_CONTRACT, conflict_resolution: 'overwrite' };
  return tell(steps, await client.call('opteryx_upload_file', upload, steps.bar));
}

async function createBySession(
  { steps }: Stage,
  client: DemoClient,
  paths: readonly string[],
): Promise<Committed> {
  steps.say(`Uploading to ${tableName(BY_SESSION)}, by a session of parts`);
  const upload = { paths, ...BY_SESSION };
  const answer = await client.call('opteryx_upload_file', upload, steps.bar);
  const { parts } = committedParts.parse(answer);
  steps.done(`${parts} ${parts === 1 ? 'part' : 'parts'}, gzip'd, each a table of its own`);
  return tell(steps, answer);
}

function tell(steps: Steps, answer: unknown): Committed {
  const facts = committed.parse(answer);
  steps.done(`compared: ${facts.compared}`);
  steps.done(`${facts.table}, ${facts.rows_written} rows, commit ${facts.commit_id}`);
  return facts;
}

const tableName = (target: typeof TARGET & { readonly dataset: string }) =>
  [target.workspace, target.collection, target.dataset].join('.');

type Dataset = OpteryxState['datasets'][number];

/** What was committed to a table by now. */
function committedAt(opteryx: OpteryxEmulator, { table }: Committed): Dataset {
  const dataset = opteryx.state().datasets.find((candidate) => candidate.table === table);
  if (dataset === undefined) throw new Error(`There is no table ${table}.`);
  return dataset;
}

function holdsFiles({ files }: Dataset, tables: readonly Pick<SentTable, 'sha256'>[]): boolean {
  return isDeepStrictEqual(
    files.map(({ sha256 }) => sha256),
    tables.map(({ sha256 }) => sha256),
  );
}

/** Of parquet the rows are not read; it goes as it is either way. */
function holdsRowsOf(one: Dataset, other: Dataset): boolean {
  return one.rows_digest === null
    ? holdsFiles(one, other.files)
    : one.rows_digest === other.rows_digest;
}

function reportOf({ table, commit_id }: Committed, dataset: Dataset): CommitReport {
  return { table, commit_id, rows: dataset.row_count, commits: dataset.snapshots.length };
}

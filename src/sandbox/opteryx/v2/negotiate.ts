import { z } from 'zod';
import { type Answer, jsonAnswer } from '../../delivery.ts';
import { type Exchange, header } from '../exchange.ts';
import { definitionOf } from '../publish.ts';
import { parsedJson, wholeBody } from '../received_body.ts';
import {
  type Columns,
  type Contract,
  type SchemaMode,
  type StagedTable,
  tableOf,
} from '../records.ts';
import { bodyOf, contractRefusal, fieldMissing } from '../refusals.ts';
import { stageTable } from '../stage_table.ts';
import { TableUnreadable } from '../tables/cells.ts';
import { targetSchema } from '../v1/sessions.ts';
import { expiry, stampedId, type World } from '../world.ts';
import { contractBody } from './contracts.ts';
import { formParts } from './multipart_body.ts';
import { planOf, sampledValues } from './plan.ts';

const MAX_FORM_BYTES = 64 * 1024 * 1024;
const MODES = ['declared', 'infer', 'dataset', 'auto'] as const;

const contractSchema = z.object({
  target: targetSchema,
  schema: z
    .object({
      mode: z.enum(MODES).nullish(),
      columns: z.array(z.object({ name: z.string().min(1), type: z.string().min(1) })).nullish(),
      write: z.enum(['append', 'overwrite']).nullish(),
    })
    .nullish(),
  on_conflict: z.enum(['append', 'overwrite', 'fail']).default('append'),
  ignore: z.array(z.string()).nullish(),
});

type Proposal = z.output<typeof contractSchema>;

/** Agrees what data will become, by samples of it. Nothing of them is kept as data. */
export async function negotiate(exchange: Exchange): Promise<Answer> {
  const { world, incoming } = exchange;
  const form = await wholeBody(incoming, MAX_FORM_BYTES);
  const parts = formParts(header(exchange, 'content-type'), form);
  const stated = parts.find(({ name }) => name === 'contract');
  if (stated === undefined) throw fieldMissing('body', 'contract');
  const proposal = bodyOf(contractSchema, parsedJson(stated.body.toString('utf8')));
  const { mode, columns } = schemaSource(world, proposal);
  const samples: StagedTable[] = [];
  for (const { name, fileName, headers, body } of parts) {
    if (name !== 'sample') continue;
    samples.push(await stagedSample(world, fileName, headers.get('content-encoding'), body));
  }
  if (samples.length === 0) throw fieldMissing('body', 'sample');
  const ignored = new Set(proposal.ignore ?? []);
  const isOverwrite = (proposal.schema?.write ?? proposal.on_conflict) === 'overwrite';
  const contract: Contract = {
    id: `ct_${stampedId(world, '_')}`,
    mode,
    target: proposal.target,
    operation: isOverwrite ? 'overwrite' : 'append',
    samples,
    named: columns,
    ignored,
    plan: planOf({ mode, samples, named: columns, ignored }),
    pinned: definitionOf(world, proposal.target),
    writes: [],
    state: mode === 'infer' ? 'proposed' : 'accepted',
    expiresAt: expiry(world),
    committed: undefined,
  };
  world.contracts.set(contract.id, contract);
  return jsonAnswer(201, { ...contractBody(contract), values: sampledValues(samples) });
}

/** Where the types come from. @throws Refusal 400, 409 */
function schemaSource(world: World, proposal: Proposal): { mode: SchemaMode; columns: Columns } {
  const dataset = world.datasets.get(tableOf(proposal.target));
  const asked = proposal.schema?.mode ?? undefined;
  const mode = asked === 'auto' ? (dataset === undefined ? 'infer' : 'dataset') : asked;
  const listed = proposal.schema?.columns ?? [];
  const isEmptyDeclaration = mode === 'declared' && listed.length === 0;
  if (mode === undefined || isEmptyDeclaration || (mode === 'dataset' && dataset === undefined)) {
    const modes = MODES.filter((each) => each !== 'auto');
    throw contractRefusal('schema_source_required', 'A schema source is required.', { modes });
  }
  const mustBeNew = mode === 'infer' || proposal.on_conflict === 'fail';
  if (dataset !== undefined && mustBeNew) {
    throw contractRefusal('dataset_exists', `Dataset ${dataset.table} already exists.`);
  }
  if (mode === 'dataset') return { mode, columns: dataset?.columns ?? new Map() };
  return { mode, columns: new Map(listed.map(({ name, type }) => [name, type])) };
}

/** @throws Refusal 422 */
async function stagedSample(
  { settings }: World,
  name: string | undefined,
  contentEncoding: string | undefined,
  bytes: Buffer,
): Promise<StagedTable> {
  try {
    return await stageTable(
      {
        body: inOnePiece(bytes),
        name,
        mediaTypes: [],
        contentEncoding,
        decodedLimit: settings.decodedLimitBytes,
        at: settings.now(),
        timesReplaced: 0,
      },
      { declared: undefined },
    );
  } catch (error) {
    if (!(error instanceof TableUnreadable)) throw error;
    throw contractRefusal('format_unreadable', error.message, { source: name });
  }
}

async function* inOnePiece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

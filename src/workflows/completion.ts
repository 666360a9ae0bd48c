import { z } from 'zod';
import { GeoperaError } from '../geopera/geopera_error.ts';
import { items } from '../operations/items.ts';
import { uploads } from '../operations/uploads.ts';
import type { WorkflowContext } from './context.ts';
import { recordsIn, stringField } from './listings.ts';

const PAGE = 100;
/** 20,000 items: beyond that the search costs more than it finds. */
const MAX_PAGES = 200;
/** Looks after a lost answer, with a wait before each: the API may still be at work. */
const WAITS_MS = [0, 2_000, 5_000];

export interface Completion {
  /** Empty where the session made no new item, which is legitimate. */
  readonly itemIds: readonly string[];
  /** False where the answer of `uploads.complete` was lost and its work was found instead. */
  readonly completeAnswered: boolean;
}

/** The answer is untyped, and a session that is completed must not fail over a form of words. */
const completed = z.object({
  item_ids: z.array(z.union([z.string(), z.number().transform(String)])),
});

/** Where to look for what a session made; it is not looked for where the project is not known. */
export interface CompletedInto {
  readonly projectId?: string | undefined;
}

/**
 * Completes a session. If the answer is lost, looks for what the session made before it throws.
 */
export async function completeUpload(
  { projectId }: CompletedInto,
  uploadId: string,
  signal: AbortSignal,
  context: WorkflowContext,
): Promise<Completion> {
  try {
    const answer = await context.geopera.call(uploads.complete, { upload_id: uploadId }, signal);
    const parsed = completed.safeParse(answer);
    return { itemIds: parsed.success ? parsed.data.item_ids : [], completeAnswered: true };
  } catch (failure) {
    if (!(failure instanceof GeoperaError) || !failure.fateUnknown) throw failure;
    if (projectId === undefined) throw failure;
    const itemIds = await lookForWork(projectId, uploadId, signal, context);
    if (itemIds === undefined) throw failure;
    return { itemIds, completeAnswered: false };
  }
}

/**
 * Ids of the items that the session made; `undefined` if there is no sign of its work. A file that
 * joined an existing item leaves none that could be told from an older one.
 */
async function lookForWork(
  projectId: string,
  uploadId: string,
  signal: AbortSignal,
  context: WorkflowContext,
): Promise<readonly string[] | undefined> {
  try {
    for (const ms of WAITS_MS) {
      if (ms > 0) await context.engine.clock.wait(ms, signal);
      const itemIds = await itemsOfUpload(projectId, uploadId, signal, context);
      if (itemIds.length > 0) return itemIds;
    }
  } catch (failure) {
    signal.throwIfAborted();
    context.log.warn({ uploadId, failure: String(failure) }, 'could not look for uploaded items');
  }
  return undefined;
}

async function itemsOfUpload(
  projectId: string,
  uploadId: string,
  signal: AbortSignal,
  { geopera }: WorkflowContext,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const input = { project_id: projectId, limit: PAGE, offset: page * PAGE };
    const listing = await geopera.call(items.list, input, signal);
    const records = recordsIn(listing, ['items', 'features', 'results']);
    for (const record of records) {
      const id = stringField(record, 'id');
      if (id !== undefined && stringField(record, 'upload_id') === uploadId) found.push(id);
    }
    if (records.length < PAGE) break;
  }
  return found;
}

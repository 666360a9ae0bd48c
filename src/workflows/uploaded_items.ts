import { items } from '../operations/items.ts';
import type { WorkflowContext } from './context.ts';
import { recordsIn, stringField } from './listings.ts';

const PAGE = 100;
/** 20,000 items: beyond that the search costs more than it finds. */
const MAX_PAGES = 200;
/** Looks after a lost answer, with a wait before each: the API may still be at work. */
const WAITS_MS = [0, 2_000, 5_000];

/** Ids of the items in a project that carry the upload session's id. */
export async function itemsOfUpload(
  projectId: string,
  uploadId: string,
  signal: AbortSignal,
  { geopera, engine }: WorkflowContext,
): Promise<readonly string[]> {
  for (const ms of WAITS_MS) {
    if (ms > 0) await engine.clock.wait(ms, signal);
    const found: string[] = [];
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await geopera.call(
        items.list,
        { project_id: projectId, limit: PAGE, offset: page * PAGE },
        signal,
      );
      const records = recordsIn(answer, ['items', 'features', 'results']);
      for (const record of records) {
        const id = stringField(record, 'id');
        if (id !== undefined && stringField(record, 'upload_id') === uploadId) found.push(id);
      }
      if (records.length < PAGE) break;
    }
    if (found.length > 0) return found;
  }
  return [];
}

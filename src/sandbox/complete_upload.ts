import type { SandboxContext } from './context.ts';
import { assetKeyOf, type DescribedFile, newAsset, newUploadItem } from './ingest.ts';
import { findItem } from './item_records.ts';
import { notFound, ProblemError } from './problems.ts';
import { describeFile } from './raster_facts.ts';
import type { Item, StoredState, UploadSession } from './state_model.ts';
import { requireOpen } from './upload_sessions.ts';

const completing = new WeakMap<UploadSession, Promise<string[]>>();

/** Whether a call is turning the session's files into items at this moment. */
export function isCompleting(session: UploadSession): boolean {
  return completing.has(session);
}

/**
 * Makes items and assets of a session's files, ends its reservation and answers the ids of the
 * items: one new item a file, or the target item that the files joined (our reading; the guides
 * show new items only). A session that is complete already, or has no files, answers none.
 *
 * @throws ProblemError 409 after a fail or for an asset key in use, 422 if the files are not those
 * that were announced
 */
export async function completeUpload(
  context: SandboxContext,
  session: UploadSession,
): Promise<string[]> {
  const earlier = completing.get(session);
  if (earlier) await earlier;
  if (session.status === 'completed') return [];
  requireOpen(session);
  const run = ingest(context, session).finally(() => completing.delete(session));
  completing.set(session, run);
  return run;
}

async function ingest(context: SandboxContext, session: UploadSession): Promise<string[]> {
  const { state } = context.store;
  const stored = storedFiles(context, session);
  const target = targetItem(state, session);
  const keys = stored.map(({ file }) => assetKeyOf(session, file));
  if (target) requireFreeKeys(state, target, keys);
  const files: DescribedFile[] = [];
  for (const { file, object } of stored) {
    const facts = await describeFile(context.objects.diskPath(object));
    files.push({ file, object, facts });
  }
  const now = context.settings.now().toISOString();
  const items = target ? [] : files.map((file) => newUploadItem(session, file, now));
  const assets = files.map((file, index) => {
    const item = target ?? items[index];
    if (!item) throw notFound('Item');
    return newAsset(item.id, keys[index] ?? '', file, now);
  });
  state.items.push(...items);
  state.assets.push(...assets);
  session.status = 'completed';
  // A file that joins an existing item makes no new one: the no-op that the guides call legitimate.
  session.item_ids = items.map(({ id }) => id);
  return session.item_ids;
}

/** @throws ProblemError 422 if a signed file is missing, or they are fewer or larger than said */
function storedFiles({ objects }: SandboxContext, session: UploadSession) {
  const stored = session.files.map((file) => {
    const object = objects.find(file.object_path);
    if (!object) throw new ProblemError(422, 'A signed file has not been uploaded yet');
    return { file, object };
  });
  if (stored.length > 0 && stored.length < session.file_count) {
    throw new ProblemError(
      422,
      `Upload session was opened for ${session.file_count} files, ${stored.length} arrived`,
    );
  }
  const bytes = stored.reduce((total, { object }) => total + object.size_bytes, 0);
  if (bytes > session.total_bytes) {
    throw new ProblemError(
      422,
      `Uploaded ${bytes} bytes, but only ${session.total_bytes} were reserved`,
    );
  }
  return stored;
}

function targetItem(state: StoredState, session: UploadSession): Item | undefined {
  if (session.target_item_id === null) return undefined;
  return findItem(state, session.target_item_id);
}

/** @throws ProblemError 409 if a key is in use on the item, or twice in the session */
function requireFreeKeys(state: StoredState, item: Item, keys: readonly string[]): void {
  const taken = new Set(
    state.assets.filter(({ item_id }) => item_id === item.id).map(({ key }) => key),
  );
  for (const key of keys) {
    if (taken.has(key))
      throw new ProblemError(409, `Asset key '${key}' already exists on the item`);
    taken.add(key);
  }
}

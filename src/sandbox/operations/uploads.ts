import { uploads } from '../../operations/uploads.ts';
import { findCollection } from '../collection_records.ts';
import { completeUpload, isCompleting } from '../complete_upload.ts';
import { mintUrl } from '../download_urls.ts';
import { newId } from '../initial_state.ts';
import { findItem } from '../item_records.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { requireProjectEditor } from '../principals.ts';
import { BodyInvalidError, notFound, ProblemError } from '../problems.ts';
import { requireQuota } from '../quota.ts';
import type { Settings } from '../settings.ts';
import type { StoredState, UploadSession } from '../state_model.ts';
import { addFile, calledSession, requireOpen } from '../upload_sessions.ts';

const initiate = handle(uploads.initiate, async (input, { context, principal }) => {
  const { state } = context.store;
  requireTransferMethod(context.settings, input.transfer_method);
  requireProjectEditor(state, principal, input.project_id);
  requireTarget(state, input);
  requireQuota(state, context.settings.quotaBytes, input.total_bytes);
  const session: UploadSession = {
    id: newId('u'),
    project_id: input.project_id,
    status: 'open',
    transfer_method: input.transfer_method,
    file_count: input.file_count,
    total_bytes: input.total_bytes,
    target_collection_id: input.target_collection_id ?? null,
    target_item_id: input.target_item_id ?? null,
    asset_key: input.asset_key ?? null,
    is_categorical: input.is_categorical,
    files: [],
    calls: { [uploads.initiate.id]: 1 },
    bytes_uploaded: null,
    progress_status: null,
    error_message: null,
    error_step: null,
    item_ids: [],
    created_at: context.settings.now().toISOString(),
    created_by: principal.id,
  };
  state.sessions.push(session);
  await context.store.save();
  return { json: { id: session.id } };
});

const signedUrl = handle(uploads.signedUrl, async (input, call) => {
  const { store } = call.context;
  const session = calledSession(store.state, input.upload_id, uploads.signedUrl.id);
  requireOpen(session);
  const file = addFile(session, input.file_name, input.content_type);
  const { url } = mintUrl(call, {
    method: 'PUT',
    objectPath: file.object_path,
    contentType: file.content_type,
  });
  await store.save();
  return { json: { upload_url: url, object_path: file.object_path } };
});

const progress = handle(uploads.progress, async (input, { context: { store } }) => {
  const session = calledSession(store.state, input.upload_id, uploads.progress.id);
  session.bytes_uploaded = input.bytes_uploaded ?? session.bytes_uploaded;
  session.progress_status = input.status ?? session.progress_status;
  await store.save();
  return { json: { id: session.id } };
});

const complete = handle(uploads.complete, async (input, { context }) => {
  const session = calledSession(context.store.state, input.upload_id, uploads.complete.id);
  const itemIds = await completeUpload(context, session);
  await context.store.save();
  return { json: { id: session.id, item_ids: itemIds } };
});

const fail = handle(uploads.fail, async (input, { context: { store, objects } }) => {
  const session = calledSession(store.state, input.upload_id, uploads.fail.id);
  requireOpen(session);
  if (isCompleting(session)) throw new ProblemError(409, 'Upload session is being completed');
  session.status = 'failed';
  session.error_message = input.error_message;
  session.error_step = input.error_step ?? null;
  for (const file of session.files) await objects.remove(file.object_path);
  await store.save();
  return { json: { id: session.id } };
});

export const uploadOperations: OperationHandlers = {
  ...initiate,
  ...signedUrl,
  ...progress,
  ...complete,
  ...fail,
};

/** @throws BodyInvalidError naming `transfer_method`, worded as the published pattern fails */
function requireTransferMethod({ transferMethods }: Settings, method: string): void {
  if (transferMethods.includes(method)) return;
  const msg = `String should match pattern '^(${transferMethods.join('|')})$'`;
  throw new BodyInvalidError([
    { loc: ['body', 'transfer_method'], msg, type: 'string_pattern_mismatch' },
  ]);
}

/** @throws ProblemError 404 for a target that the project does not have, 422 for one key of several files */
function requireTarget(
  state: StoredState,
  input: {
    project_id: string;
    target_collection_id?: string | undefined;
    target_item_id?: string | undefined;
    asset_key?: string | undefined;
    file_count: number;
  },
): void {
  const { project_id, target_collection_id, target_item_id } = input;
  if (target_collection_id !== undefined) {
    findCollection(state, project_id, target_collection_id);
  }
  if (target_item_id === undefined) return;
  if (findItem(state, target_item_id).project_id !== project_id) throw notFound('Item');
  if (input.asset_key !== undefined && input.file_count > 1) {
    throw new ProblemError(422, 'asset_key names one asset, but file_count is more than 1');
  }
}

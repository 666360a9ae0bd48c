import { share } from '../../operations/share.ts';
import type { ShareLink } from '../account_records.ts';
import { collectionRecord, findCollection } from '../collection_records.ts';
import { newId } from '../initial_state.ts';
import { findItem } from '../item_records.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { requireProjectEditor } from '../principals.ts';
import { notFound, ProblemError } from '../problems.ts';
import { digestOf, newShareToken, openLink, shareTarget } from '../share_links.ts';
import type { StoredState } from '../state_model.ts';

const create = handle(share.linkCreate, async (input, { context, principal }) => {
  const { state } = context.store;
  const { project_id } = shareTarget(state, input.target_type, input.target_id);
  requireProjectEditor(state, principal, project_id);
  const now = context.settings.now();
  if (Date.parse(input.expires_at) <= now.getTime()) {
    throw new ProblemError(422, 'expires_at is past already');
  }
  const token = newShareToken();
  const link: ShareLink = {
    id: newId('shl'),
    token_digest: digestOf(token),
    password_digest: digestOf(input.password),
    target_type: input.target_type,
    target_id: input.target_id,
    permission: input.permission,
    project_id,
    expires_at: input.expires_at,
    revoked_at: null,
    access_count: 0,
    last_accessed_at: null,
    created_by: principal.id,
    created_at: now.toISOString(),
  };
  state.share_links.push(link);
  await context.store.save();
  const { token_digest: _token, password_digest: _password, ...shown } = link;
  return { json: { ...shown, token, organization_id: state.organization_id } };
});

const revoke = handle(share.linkRevoke, async (input, { context, principal }) => {
  const { state } = context.store;
  const link = state.share_links.find(({ id }) => id === input.link_id);
  if (!link) throw notFound('Share link');
  requireProjectEditor(state, principal, link.project_id);
  link.revoked_at ??= context.settings.now().toISOString();
  await context.store.save();
  return { json: { ok: true, id: link.id } };
});

const validate = handle(share.linkValidate, async (input, { context }) => {
  const { state } = context.store;
  const link = openLink(state, input, context.settings.now());
  await context.store.save();
  const { permission, target_type } = link;
  return { json: { permission, target_type, target: targetRecord(state, link) } };
});

export const shareOperations: OperationHandlers = { ...create, ...revoke, ...validate };

function targetRecord(state: StoredState, { target_type, target_id, project_id }: ShareLink) {
  return target_type === 'item'
    ? findItem(state, target_id)
    : collectionRecord(state, findCollection(state, project_id, target_id));
}

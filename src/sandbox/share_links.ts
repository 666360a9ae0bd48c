import { createHash, randomBytes } from 'node:crypto';
import type { ShareLink } from './account_records.ts';
import { liveCollections } from './collection_records.ts';
import { liveItems } from './item_records.ts';
import { notFound, ProblemError } from './problems.ts';
import type { Collection } from './project_records.ts';
import type { Item, StoredState } from './state_model.ts';

/** What a token that opens a link looks like. */
export function newShareToken(): string {
  return `shr_${randomBytes(24).toString('base64url')}`;
}

/** All that is kept of a token or a password. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** @throws ProblemError 404 for what is not there */
export function shareTarget(
  state: StoredState,
  type: ShareLink['target_type'],
  id: string,
): Item | Collection {
  const shared = type === 'item' ? liveItems(state) : liveCollections(state);
  const target = shared.find((candidate) => candidate.id === id);
  if (!target) throw notFound(type === 'item' ? 'Item' : 'Collection');
  return target;
}

/**
 * The link that a token and a password open; to open it counts.
 *
 * @throws ProblemError 404 for a token that opens nothing, 410 once it has ended, 403 for another password
 */
export function openLink(
  state: StoredState,
  { token, password }: { readonly token: string; readonly password: string },
  now: Date,
): ShareLink {
  const link = state.share_links.find(({ token_digest }) => token_digest === digestOf(token));
  if (!link) throw notFound('Share link');
  if (link.revoked_at !== null || Date.parse(link.expires_at) <= now.getTime()) {
    throw new ProblemError(410, 'The share link has ended');
  }
  if (link.password_digest !== digestOf(password)) {
    throw new ProblemError(403, 'The password does not open this link');
  }
  link.access_count += 1;
  link.last_accessed_at = now.toISOString();
  return link;
}

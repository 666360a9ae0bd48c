import { randomBytes } from 'node:crypto';
import { type StoredState, storedStateSchema } from './state_model.ts';

/** A new id as the API's samples look: a prefix that says the kind, then random hex. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

/** A new bearer token; the `gpra_` prefix is that of the API's keys. */
export function newToken(): string {
  return `gpra_sandbox_${randomBytes(24).toString('base64url')}`;
}

/** The state of a sandbox that nobody has used yet. */
export function initialState(): StoredState {
  const organizationId = newId('org');
  return storedStateSchema.parse({
    version: 1,
    organization_id: organizationId,
    bucket: 'geopera-sandbox',
    signing_key: randomBytes(32).toString('base64'),
    projects: [
      { id: newId('proj'), organization_id: organizationId },
      { id: newId('proj'), organization_id: newId('org') },
    ],
    principals: [
      { token: newToken(), id: newId('key'), scopes: ['*'], role: 'admin', show_scopes: true },
    ],
    sessions: [],
    objects: [],
    items: [],
    assets: [],
    clip_jobs: [],
    egress_bytes: 0,
    credentials_seen_by_storage: 0,
  });
}

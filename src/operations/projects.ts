import { z } from 'zod';
import { id, projectId } from './fields.ts';
import { defineOperation } from './operation.ts';

const region = () =>
  z.enum(['australia-southeast1', 'asia-southeast1', 'us-west1', 'europe-west1']);

const name = () => z.string().min(1).max(255).describe('Name of the project.');
const note = () => z.string().describe('What the project is for, in words.');
const userId = () => id('User id, a UUID.');
const role = () => z.string().describe('What they may do: admin, editor or viewer.');

const project = () =>
  z
    .object({
      id: z.string(),
      organization_id: z.string(),
      name: z.string(),
      description: z.string().nullish(),
      gcs_region: region().nullish(),
      gcs_bucket_name: z.string().nullish(),
      is_archived: z.boolean().optional(),
      created_at: z.string(),
      updated_at: z.string(),
    })
    .passthrough();

const member = () => z.object({}).passthrough();

export const projects = {
  create: defineOperation({
    id: 'projects.create',
    scope: 'projects:write',
    effect: 'compute',
    idempotencyKey: true,
    summary:
      'Make a new, empty project in the organization of the caller. Keep the id that it answers: no operation lists projects.',
    keywords: 'workspace start begin set up folder open storage region survey area',
    input: () =>
      z
        .object({
          name: name(),
          description: note().nullish(),
          gcs_region: region()
            .default('australia-southeast1')
            .describe('Google Cloud region that stores its files.'),
        })
        .strict(),
    output: project,
  }),

  update: defineOperation({
    id: 'projects.update',
    scope: 'projects:write',
    effect: 'compute',
    repeatable: true,
    summary:
      'Rename a project, change its description, or bring it back from the archive. Needs an admin or owner of it; fields left out stay as they are.',
    keywords:
      'workspace edit modify settings restore unarchive title metadata name different reopen',
    input: () =>
      z
        .object({
          project_id: projectId(),
          name: name().nullish(),
          description: note().nullish(),
          is_archived: z.boolean().nullish().describe('True hides the project, false shows it.'),
        })
        .strict(),
    output: project,
  }),

  archive: defineOperation({
    id: 'projects.archive',
    scope: 'projects:write',
    // A page of concepts names it among the destructive ones; its own page says compute, and it loses nothing.
    effect: 'compute',
    repeatable: true,
    summary:
      'Hide a project that is done from the usual lists; its data stays. Needs an admin or owner of it; projects.update brings it back.',
    keywords: 'workspace close finish shelve retire put away inactive out of sight hidden old',
    input: () =>
      z
        .object({
          project_id: projectId(),
          name: name().nullish(),
          description: note().nullish(),
          is_archived: z.boolean().nullish().describe('Leave it out: the call itself archives.'),
        })
        .strict(),
    output: project,
  }),

  addMember: defineOperation({
    id: 'projects.add_member',
    scope: 'projects:write',
    effect: 'compute',
    summary:
      'Give a user of Geopera access to a project, in a role. Needs an admin or owner of it, and the id of the user: an e-mail address will not do.',
    keywords:
      'workspace invite colleague teammate person collaborate grant permission share bring join team editor viewer',
    input: () =>
      z
        .object({
          project_id: projectId(),
          user_id: userId(),
          role: role().default('editor'),
        })
        .strict(),
    output: member,
  }),

  updateMember: defineOperation({
    id: 'projects.update_member',
    scope: 'projects:write',
    effect: 'compute',
    repeatable: true,
    summary:
      'Change the role of a user who is in a project already. Needs an admin or owner of it.',
    keywords:
      'workspace promote demote permission access rights colleague viewer editor downgrade upgrade view',
    input: () => z.object({ project_id: projectId(), user_id: userId(), role: role() }).strict(),
    output: member,
  }),

  removeMember: defineOperation({
    id: 'projects.remove_member',
    scope: 'projects:write',
    effect: 'destructive',
    summary: 'Take away the access that a user has to a project. Needs an admin or owner of it.',
    keywords:
      'workspace kick revoke colleague leave expel person permission take out fire no longer',
    input: () => z.object({ project_id: projectId(), user_id: userId() }).strict(),
    output: () => z.object({ ok: z.boolean().optional() }).passthrough(),
  }),

  delete: defineOperation({
    id: 'projects.delete',
    scope: 'projects:write',
    effect: 'destructive',
    // It removes every file of the project before it answers.
    answerSeconds: 300,
    summary:
      'Delete a project for ever, with every item, collection and file in it. Nothing brings it back; to put it out of sight use projects.archive.',
    keywords:
      'workspace remove erase destroy wipe permanently free storage everything inside gone completely',
    input: () => z.object({ project_id: projectId() }).strict(),
    output: () =>
      z
        .object({
          deleted: z.boolean().optional(),
          project_id: z.string(),
          storage_freed_bytes: z.number().int().optional(),
        })
        .passthrough(),
  }),
};

import { projects } from '../../operations/projects.ts';
import type { SandboxContext } from '../context.ts';
import { newId } from '../initial_state.ts';
import { type Call, handle, type OperationHandlers } from '../operation_handler.ts';
import { requireProjectAdmin } from '../principals.ts';
import { notFound, ProblemError } from '../problems.ts';
import { type Project, projectSchema } from '../project_records.ts';
import { removeAsset } from '../removal.ts';

const create = handle(projects.create, async (input, { context }) => {
  const { state } = context.store;
  const now = context.settings.now().toISOString();
  const project = projectSchema.parse({
    ...input,
    id: newId('proj'),
    organization_id: state.organization_id,
    created_at: now,
    updated_at: now,
  });
  state.projects.push(project);
  await context.store.save();
  return { json: projectRecord(context, project) };
});

const update = handle(projects.update, ({ project_id, ...changes }, call) =>
  changed(call, project_id, changes),
);

/** The OpenAPI gives it the members of an update; without any, it archives. */
const archive = handle(projects.archive, ({ project_id, ...changes }, call) =>
  changed(call, project_id, { is_archived: true, ...changes }),
);

const remove = handle(projects.delete, async (input, { context, principal }) => {
  const { state } = context.store;
  const project = requireProjectAdmin(state, principal, input.project_id);
  const [own, foreign, ...others] = state.projects;
  if (project === own) {
    throw new ProblemError(409, "the sandbox's own project cannot be deleted");
  }
  const items = state.items.filter(({ project_id }) => project_id === project.id);
  const ids = new Set(items.map(({ id }) => id));
  const assets = state.assets.filter(({ item_id }) => ids.has(item_id));
  for (const asset of assets) await removeAsset(context, asset);
  for (const { files, project_id } of state.sessions) {
    if (project_id !== project.id) continue;
    for (const { object_path } of files) await context.objects.remove(object_path);
  }
  const elsewhere = ({ project_id }: { project_id: string }) => project_id !== project.id;
  state.items = state.items.filter(elsewhere);
  state.collections = state.collections.filter(elsewhere);
  state.orders = state.orders.filter(elsewhere);
  state.processing_jobs = state.processing_jobs.filter(elsewhere);
  state.clip_jobs = state.clip_jobs.filter(elsewhere);
  state.sessions = state.sessions.filter(elsewhere);
  state.projects = [own, foreign, ...others.filter((other) => other !== project)];
  await context.store.save();
  const storage_freed_bytes = assets.reduce((total, { size_bytes }) => total + size_bytes, 0);
  return { json: { deleted: true, project_id: project.id, storage_freed_bytes } };
});

const addMember = handle(projects.addMember, async (input, { context, principal }) => {
  const { state } = context.store;
  const project = requireProjectAdmin(state, principal, input.project_id);
  if (project.members.some(({ user_id }) => user_id === input.user_id)) {
    throw new ProblemError(409, 'the user is a member of the project already');
  }
  const { user_id, role } = input;
  const member = { user_id, role, added_at: context.settings.now().toISOString() };
  project.members.push(member);
  await context.store.save();
  return { json: { project_id: project.id, ...member } };
});

const updateMember = handle(projects.updateMember, async (input, { context, principal }) => {
  const { state } = context.store;
  const project = requireProjectAdmin(state, principal, input.project_id);
  const member = project.members.find(({ user_id }) => user_id === input.user_id);
  if (!member) throw notFound('Member');
  member.role = input.role;
  await context.store.save();
  return { json: { project_id: project.id, ...member } };
});

const removeMember = handle(projects.removeMember, async (input, { context, principal }) => {
  const { state } = context.store;
  const project = requireProjectAdmin(state, principal, input.project_id);
  const others = project.members.filter(({ user_id }) => user_id !== input.user_id);
  if (others.length === project.members.length) throw notFound('Member');
  project.members = others;
  await context.store.save();
  return { json: { ok: true } };
});

export const projectOperations: OperationHandlers = {
  ...create,
  ...update,
  ...archive,
  ...remove,
  ...addMember,
  ...updateMember,
  ...removeMember,
};

async function changed(
  { context, principal }: Call,
  projectId: string,
  changes: Partial<Pick<Project, 'name' | 'description' | 'is_archived'>>,
) {
  const project = requireProjectAdmin(context.store.state, principal, projectId);
  Object.assign(project, changes, { updated_at: context.settings.now().toISOString() });
  await context.store.save();
  return { json: projectRecord(context, project) };
}

/** What the API shows of a project. */
function projectRecord({ store }: SandboxContext, { members: _hidden, ...shown }: Project) {
  return { ...shown, gcs_bucket_name: store.state.bucket };
}

import { processing } from '../../operations/processing.ts';
import { refund, spend } from '../credits.ts';
import { type Call, handle, type OperationHandlers } from '../operation_handler.ts';
import { offsetPage, sizedPage, sorted } from '../pages.ts';
import { requireProject, requireProjectEditor } from '../principals.ts';
import { ProblemError } from '../problems.ts';
import { findProcess, requireInputs } from '../processes.ts';
import {
  advanceJob,
  findJob,
  type JobTerms,
  newJob,
  projectJob,
  providerJob,
} from '../processing_jobs.ts';
import type { ProcessingJob } from '../project_records.ts';

const execute = handle(processing.execute, async (input, call) => {
  const process = findProcess(input.process_id);
  requireInputs(process, input.inputs);
  const job = await start(call, {
    project_id: input.workspaceId,
    process_id: process.id,
    status: 'accepted',
    inputs: input.inputs,
    credits: process.credits,
  });
  return { json: providerJob(job) };
});

const create = handle(processing.create, async (input, call) => ({
  json: { job: projectJob(await ofType(call, input, 'pending')) },
}));

const createAndDispatch = handle(processing.createAndDispatch, async (input, call) => ({
  json: { job: projectJob(await ofType(call, input, 'accepted')) },
}));

const dispatch = handle(processing.dispatch, async (input, { context, principal }) => {
  const { state } = context.store;
  const job = findJob(state, input.job_id);
  requireProjectEditor(state, principal, job.project_id);
  if (job.status !== 'pending') throw new ProblemError(409, `The job is ${job.status} already`);
  job.status = 'accepted';
  job.updated_at = context.settings.now().toISOString();
  await context.store.save();
  return { json: { job: projectJob(job), dispatch: { version: input.version } } };
});

/** To list is no look at a job. */
const jobsList = handle(processing.jobsList, (input, { context: { store } }) => {
  const ids = input.ids?.split(',').map((id) => id.trim());
  const matching = store.state.processing_jobs
    .map(providerJob)
    .filter(
      (job) =>
        (input.workspaceId ?? job.workspaceID) === job.workspaceID &&
        (input.processId ?? job.processID) === job.processID &&
        (input.status ?? job.status) === job.status &&
        (ids?.includes(job.jobID) ?? true),
    );
  const page = sizedPage(sorted(matching, input.sort), { page: input.page, size: input.limit });
  const { content: jobs, ...rest } = page;
  return { json: { jobs, ...rest } };
});

const jobGet = handle(processing.jobGet, async (input, { context }) => {
  const job = findJob(context.store.state, input.job_id);
  await advanceJob(context, job);
  return { json: providerJob(job) };
});

const projectJobsList = handle(processing.projectJobsList, (input, { context: { store } }) => {
  requireProject(store.state, input.project_id);
  const matching = store.state.processing_jobs
    .map(projectJob)
    .filter(
      (job) =>
        job.project_id === input.project_id &&
        (input.status ?? job.status) === job.status &&
        (input.job_type_name ?? job.job_type_name) === job.job_type_name,
    );
  return { json: { jobs: offsetPage(matching, input) } };
});

const projectJobGet = handle(processing.projectJobGet, async (input, { context }) => {
  const job = findJob(context.store.state, input.job_id);
  await advanceJob(context, job);
  return { json: { job: projectJob(job) } };
});

/** Credits of a job that nobody has looked at come back. */
const jobDelete = handle(processing.jobDelete, async (input, { context, principal }) => {
  const { state } = context.store;
  const job = findJob(state, input.job_id);
  requireProjectEditor(state, principal, job.project_id);
  if (job.looks === 0) refund(context, job.id);
  state.processing_jobs = state.processing_jobs.filter((other) => other !== job);
  await context.store.save();
  return { json: { deleted: true, job_id: job.id } };
});

export const processingOperations: OperationHandlers = {
  ...execute,
  ...create,
  ...createAndDispatch,
  ...dispatch,
  ...jobsList,
  ...jobGet,
  ...projectJobsList,
  ...projectJobGet,
  ...jobDelete,
};

/** @throws ProblemError 402, 403 or 404 */
async function start({ context, principal }: Call, terms: JobTerms): Promise<ProcessingJob> {
  const { state } = context.store;
  requireProjectEditor(state, principal, terms.project_id);
  const job = newJob(terms, principal, context.settings.now().toISOString());
  spend(context, job.credits, 'processing', job.id);
  state.processing_jobs.push(job);
  await context.store.save();
  return job;
}

/** A job as the free-form operations ask for one: by its type, in the sandbox's own project if none is named. */
function ofType(
  call: Call,
  input: { readonly project_id?: string | undefined; readonly job_type_name?: string | undefined },
  status: ProcessingJob['status'],
): Promise<ProcessingJob> {
  const [own] = call.context.store.state.projects;
  if (input.job_type_name === undefined) {
    throw new ProblemError(422, 'job_type_name is missing; processing.job_types.list names them');
  }
  const process = findProcess(input.job_type_name);
  const { id: process_id, credits } = process;
  const project_id = input.project_id ?? own.id;
  return start(call, { project_id, process_id, status, inputs: {}, credits });
}

import { readBounds } from './bounding_box.ts';
import type { SandboxContext } from './context.ts';
import { newId } from './initial_state.ts';
import { liveItems } from './item_records.ts';
import { lookAt } from './look_by_look.ts';
import { makeItem } from './made_up_item.ts';
import { notify } from './notify.ts';
import { notFound } from './problems.ts';
import type { ProcessingJob } from './project_records.ts';
import type { Principal, StoredState } from './state_model.ts';

/** @throws ProblemError 404 */
export function findJob(state: StoredState, id: string): ProcessingJob {
  const job = state.processing_jobs.find((candidate) => candidate.id === id);
  if (!job) throw notFound('Job');
  return job;
}

/** What is told of a new job. */
export type JobTerms = Pick<
  ProcessingJob,
  'project_id' | 'process_id' | 'status' | 'inputs' | 'credits'
>;

export function newJob(terms: JobTerms, owner: Principal, now: string): ProcessingJob {
  return {
    ...terms,
    id: newId('job'),
    looks: 0,
    item_ids: [],
    created_by: owner.id,
    created_at: now,
    updated_at: now,
  };
}

/** Moves a job on by one look: accepted, then running, then an item. One that is pending waits. */
export function advanceJob(context: SandboxContext, job: ProcessingJob): Promise<void> {
  return lookAt(context, job, {
    isOver: ({ status }) => status === 'pending' || status === 'successful',
    begin: (begun) => {
      begun.status = 'running';
    },
    finish: (last) => finish(context, last),
  });
}

/** The result lies where the item lay that it was made of; without one there is none. */
async function finish(context: SandboxContext, job: ProcessingJob): Promise<void> {
  const source = liveItems(context.store.state).find(({ id }) => id === job.inputs['item_id']);
  if (source?.bbox) {
    const item = await makeItem(context, {
      name: `${job.process_id}-${job.id.slice(-6)}`,
      bounds: readBounds(source.bbox),
      assetKey: 'data',
      folder: `jobs/${job.id}`,
      item: {
        project_id: job.project_id,
        type: 'derived_raster',
        job_id: job.id,
        created_by: job.created_by,
      },
    });
    job.item_ids = [item.id];
  }
  job.status = 'successful';
  notify(context, {
    type: 'processing.finished',
    title: 'Processing finished',
    message: `${job.process_id} is done.`,
    reference: job.id,
  });
}

/** A job in the provider-style names that the list operation filters by; the rest is our reading. */
export function providerJob(job: ProcessingJob) {
  return {
    jobID: job.id,
    processID: job.process_id,
    workspaceID: job.project_id,
    status: job.status,
    inputs: job.inputs,
    credits: job.credits,
    results: job.item_ids.map((id) => ({ item_id: id })),
    created: job.created_at,
    updated: job.updated_at,
  };
}

/** The same job in the names of project operations. */
export function projectJob({ looks: _hidden, process_id, ...shown }: ProcessingJob) {
  return { ...shown, job_type_name: process_id };
}

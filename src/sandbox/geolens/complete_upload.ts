import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path/posix';
import { z } from 'zod';
import { parseBody } from '../body_validation.ts';
import { jsonAnswer } from '../delivery.ts';
import { readJsonBody } from '../json_body.ts';
import { ProblemError } from '../problems.ts';
import type { NamedPart } from '../s3/s3_store.ts';
import { requireRoom, requireSize } from './admission.ts';
import { requireContent } from './content_check.ts';
import type { Act, Exchange } from './exchange.ts';
import { type GeolensWorld, jobOf, newFilePath } from './geolens_world.ts';
import type { IngestJob, JobFile, PresignedTarget } from './ingest_job.ts';

const requestModel = z.object({
  parts: z.array(z.object({ etag: z.string(), part_number: z.number().int() })).default([]),
});

/** One text for two causes, of which the client learns only by trying again. */
const FAILED = 'Upload completion failed. The upload session may have expired. Please try again.';

/** Takes what was put into the storage as the file of the job, once. */
export const completePresigned: Act = async (world, exchange) => {
  const { parts } = parseBody(requestModel, await readJsonBody(exchange.request));
  const named = parts.map(({ etag, part_number }) => ({ etag, number: part_number }));
  const job = await jobOf(world, exchange.jobId, exchange.caller);
  return inTurn(job, async () => {
    await complete(world, job, named, exchange.fault);
    return jsonAnswer(200, uploadedAnswer(job));
  });
};

/** The answer of an upload, whichever way the bytes came. */
export function uploadedAnswer({ id }: IngestJob): Record<string, string> {
  return { job_id: id, status: 'pending', message: 'The file is there and can be previewed' };
}

const underWay = new WeakMap<IngestJob, Promise<unknown>>();

/** Completions of one job wait for each other. */
function inTurn<Result>(job: IngestJob, act: () => Promise<Result>): Promise<Result> {
  const before = underWay.get(job) ?? Promise.resolve();
  const mine = before.then(act, act);
  underWay.set(job, mine);
  return mine;
}

type Fault = Exchange['fault'];

async function complete(
  world: GeolensWorld,
  job: IngestJob,
  parts: readonly NamedPart[],
  fault: Fault,
): Promise<void> {
  const target = completable(job);
  await assemble(world, target, parts, fault);
  const size = await world.s3.sizeOf(target.key);
  if (size === undefined) throw new ProblemError(400, 'No file was found in the storage');
  const frozenKey = join(dirname(target.key), 'frozen', basename(target.key));
  try {
    requireSize(world, size, 422);
    await freeze(world, target, frozenKey, fault);
    job.file = await accepted(world, job, target, frozenKey);
  } catch (error) {
    await world.s3.remove(frozenKey);
    // What was refused is not left where its URL still leads; what failed can be tried again.
    const refused = error instanceof ProblemError && error.status !== 502;
    if (refused) await world.s3.remove(target.key);
    throw error;
  }
  await world.s3.remove(target.key);
}

/** @throws ProblemError 400 */
function completable(job: IngestJob): PresignedTarget {
  if (!job.target) throw new ProblemError(400, 'The job is no presigned upload');
  if (job.file) throw new ProblemError(400, 'The upload of this job is completed already');
  if (job.status === 'pending') return job.target;
  throw new ProblemError(400, 'This job has failed already. Start a new upload.');
}

/** Makes one object of the parts, unless an earlier try has done so. */
async function assemble(
  { s3 }: GeolensWorld,
  { key, uploadId }: PresignedTarget,
  parts: readonly NamedPart[],
  fault: Fault,
): Promise<void> {
  const abort = async () => {
    if (uploadId === undefined) await s3.remove(key);
    // One that is aborted already stays so.
    else await s3.abortUpload(key, uploadId).catch(() => {});
  };
  if (fault && 'assembly_fails' in fault) {
    await abort();
    throw new ProblemError(502, FAILED);
  }
  if (uploadId === undefined || (await s3.sizeOf(key)) !== undefined) return;
  if (parts.length === 0) {
    await abort();
    throw new ProblemError(400, 'To complete an upload in parts takes one part at least');
  }
  try {
    await s3.completeUpload(key, uploadId, parts);
  } catch {
    await abort();
    throw new ProblemError(502, FAILED);
  }
}

/** Copies the object to where no URL leads, since whoever holds one could still replace it. */
async function freeze(
  { s3 }: GeolensWorld,
  { key }: PresignedTarget,
  frozenKey: string,
  fault: Fault,
): Promise<void> {
  if (fault && 'freeze_fails' in fault) throw new ProblemError(502, FAILED);
  try {
    await s3.copy(key, frozenKey);
  } catch {
    throw new ProblemError(502, FAILED);
  }
}

/** The frozen bytes on disk, if they are what was declared. */
async function accepted(
  world: GeolensWorld,
  job: IngestJob,
  { declaredSize }: PresignedTarget,
  frozenKey: string,
): Promise<JobFile> {
  const path = newFilePath(world);
  try {
    await world.s3.download(frozenKey, path);
    const file = await fileAt(path, world.settings.now(), frozenKey);
    requireSize(world, file.size, 422);
    if (file.size !== declaredSize) {
      const sizes = `${file.size} bytes were uploaded, and ${declaredSize} were declared`;
      throw new ProblemError(422, sizes);
    }
    requireRoom(world, file.size);
    await requireContent(path, job.filename);
    return file;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** The facts of a file that a job is given. */
export async function fileAt(path: string, takenAt: Date, frozenKey?: string): Promise<JobFile> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  const { size } = await stat(path);
  return { path, size, sha256: hash.digest('hex'), frozenKey, takenAt };
}

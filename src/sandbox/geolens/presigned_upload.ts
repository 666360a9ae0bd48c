import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseBody } from '../body_validation.ts';
import { jsonAnswer } from '../delivery.ts';
import { readJsonBody } from '../json_body.ts';
import { ProblemError } from '../problems.ts';
import { requireKind, requireRoom, requireSize } from './admission.ts';
import type { Act } from './exchange.ts';
import type { GeolensWorld } from './geolens_world.ts';
import { type IngestJob, newJob } from './ingest_job.ts';

const requestModel = z.object({
  filename: z.string().min(1).max(255),
  file_size: z.number().int().min(1),
  content_type: z.string().max(255).default('application/octet-stream'),
});

type Wish = z.output<typeof requestModel>;

/** Opens a job and signs all URLs of its upload; none of them can be had again. */
export const requestPresigned: Act = async (world, { request, caller }) => {
  const wish = parseBody(requestModel, await readJsonBody(request));
  if (!world.settings.presignedUploads) {
    throw new ProblemError(400, 'Presigned uploads need a storage of S3, which is not in use here');
  }
  requireKind(world, wish.filename, 500);
  requireSize(world, wish.file_size, 422);
  requireRoom(world, wish.file_size);
  const inParts = wish.file_size > world.settings.thresholdBytes;
  const { job, urls } = await signed(() => (inParts ? parts : single)(world, wish, caller));
  world.jobs.set(job.id, job);
  return jsonAnswer(201, {
    job_id: job.id,
    urls,
    s3_key: job.target?.key ?? '',
    upload_id: job.target?.uploadId ?? null,
    part_size: inParts ? world.settings.partBytes : null,
  });
};

interface Signed {
  readonly job: IngestJob;
  readonly urls: readonly string[];
}

/** The storage cannot be reached, or does not want to: nothing was begun. */
async function signed(sign: () => Promise<Signed>): Promise<Signed> {
  try {
    return await sign();
  } catch {
    throw new ProblemError(502, 'The storage is not available');
  }
}

async function single({ s3, settings }: GeolensWorld, wish: Wish, caller: string): Promise<Signed> {
  const id = randomUUID();
  const target = { key: stagingKey(id, wish), uploadId: undefined, declaredSize: wish.file_size };
  const job = newJob({ id, owner: caller, filename: wish.filename, at: settings.now(), target });
  const headers = { 'content-type': wish.content_type };
  const url = s3.presign({ method: 'PUT', key: target.key, headers }, settings.jobSeconds);
  return { job, urls: [url] };
}

async function parts({ s3, settings }: GeolensWorld, wish: Wish, caller: string): Promise<Signed> {
  const id = randomUUID();
  const at = settings.now();
  const key = stagingKey(id, wish);
  const uploadId = await s3.startUpload(key, wish.content_type);
  const target = { key, uploadId, declaredSize: wish.file_size };
  const job = newJob({ id, owner: caller, filename: wish.filename, at, target });
  const count = Math.ceil(wish.file_size / settings.partBytes);
  // A URL ends with its job.
  const seconds = settings.jobSeconds - secondsBetween(at, settings.now());
  const urls = Array.from({ length: count }, (_, index) => {
    const query = { partNumber: String(index + 1), uploadId };
    return s3.presign({ method: 'PUT', key, query }, seconds);
  });
  return { job, urls };
}

/** The name stands in the key as it was sent. */
function stagingKey(jobId: string, { filename }: Wish): string {
  return `staging/${jobId}/${filename}`;
}

function secondsBetween(from: Date, to: Date): number {
  return Math.round((to.getTime() - from.getTime()) / 1000);
}

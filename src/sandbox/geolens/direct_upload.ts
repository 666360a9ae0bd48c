import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { jsonAnswer } from '../delivery.ts';
import { BodyInvalidError, ProblemError } from '../problems.ts';
import { type BodyLimits, receivedBody } from '../s3/received_body.ts';
import { requireKind, requireRoom, requireSize } from './admission.ts';
import { fileAt, uploadedAnswer } from './complete_upload.ts';
import { requireContent } from './content_check.ts';
import type { Act, Exchange } from './exchange.ts';
import { boundaryOf, type FormPart, FormUnreadableError, formParts } from './form_file.ts';
import { type GeolensWorld, newFilePath } from './geolens_world.ts';
import { newJob } from './ingest_job.ts';

const FIELD = 'file';

/** Takes a file by a form; the field is `file`. */
export const uploadDirectly: Act = async (world, exchange) => {
  const path = newFilePath(world);
  try {
    const { filename, size } = await received(world, exchange, path);
    if (filename === '') throw new ProblemError(400, 'The upload has no file name');
    requireKind(world, filename, 400);
    requireSize(world, size, 413);
    requireRoom(world, size);
    await requireContent(path, filename);
    const at = world.settings.now();
    const job = newJob({ owner: exchange.caller, filename, at });
    job.file = await fileAt(path, at);
    world.jobs.set(job.id, job);
    return jsonAnswer(201, uploadedAnswer(job));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
};

interface ReceivedFile {
  readonly filename: string;
  /** Of all that came, though what is over the limit is not kept. */
  readonly size: number;
}

async function received(
  { settings }: GeolensWorld,
  { request, response, fault }: Exchange,
  path: string,
): Promise<ReceivedFile> {
  const boundary = boundaryOf(request);
  if (boundary === undefined) throw fieldMissing();
  const body = receivedBody(request, response, limitsOf(fault));
  let found: ReceivedFile | undefined;
  try {
    for await (const part of formParts(body, boundary)) {
      if (part.name !== FIELD || part.filename === undefined) continue;
      const size = await store(part, path, settings.maxFileBytes);
      found = { filename: part.filename, size };
    }
  } catch (error) {
    if (error instanceof FormUnreadableError) throw new ProblemError(400, error.message);
    throw error;
  }
  if (found === undefined) throw fieldMissing();
  return found;
}

/** Answers how many bytes came. */
async function store({ bytes }: FormPart, path: string, keep: number): Promise<number> {
  let size = 0;
  async function* kept() {
    for await (const piece of bytes) {
      size += piece.length;
      if (size <= keep) yield piece;
    }
  }
  await pipeline(kept, createWriteStream(path, { mode: 0o600 }));
  return size;
}

function limitsOf(fault: Exchange['fault']): BodyLimits {
  return {
    ...(fault && 'cut_after_bytes' in fault ? { cut: fault.cut_after_bytes } : {}),
    ...(fault && 'stall_after_bytes' in fault ? { stall: fault.stall_after_bytes } : {}),
  };
}

function fieldMissing(): BodyInvalidError {
  return new BodyInvalidError([{ loc: ['body', FIELD], msg: 'Field required', type: 'missing' }]);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { deliver } from '../delivery.ts';
import { BodyInvalidError, notFound, ProblemError } from '../problems.ts';
import { ConnectionGone } from '../s3/received_body.ts';
import { type Credentials, callerOf } from './callers.ts';
import { commitImport } from './commit.ts';
import { completePresigned } from './complete_upload.ts';
import { uploadDirectly } from './direct_upload.ts';
import type { Act } from './exchange.ts';
import { exchangeFault } from './geolens_faults.ts';
import type { GeolensWorld } from './geolens_world.ts';
import { readJob, retryJob } from './job_status.ts';
import { requestPresigned } from './presigned_upload.ts';
import { previewFile } from './preview.ts';
import { errorAnswer, faultAnswer } from './problem_answer.ts';
import { readConfig } from './upload_config.ts';

interface Route {
  /** The name by which faults and counts know it. */
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  /** Below `/api`; `{job_id}` stands for one segment. There are no redirects for a slash too many. */
  readonly path: string;
  readonly act: Act;
}

const ROUTES: readonly Route[] = [
  { endpoint: 'config', method: 'GET', path: '/ingest/upload/config', act: readConfig },
  {
    endpoint: 'presigned',
    method: 'POST',
    path: '/ingest/upload/presigned',
    act: requestPresigned,
  },
  {
    endpoint: 'complete',
    method: 'POST',
    path: '/ingest/upload/presigned/{job_id}/complete',
    act: completePresigned,
  },
  { endpoint: 'upload', method: 'POST', path: '/ingest/upload', act: uploadDirectly },
  { endpoint: 'preview', method: 'POST', path: '/ingest/preview/{job_id}', act: previewFile },
  { endpoint: 'commit', method: 'POST', path: '/ingest/commit/{job_id}', act: commitImport },
  { endpoint: 'job', method: 'GET', path: '/jobs/{job_id}', act: readJob },
  { endpoint: 'retry', method: 'POST', path: '/jobs/{job_id}/retry', act: retryJob },
];

/** Answers one request of the API. */
export async function route(
  world: GeolensWorld,
  credentials: Credentials,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await answerRoute(world, credentials, request, response);
  } catch (error) {
    if (error instanceof ConnectionGone) {
      response.destroy();
      return;
    }
    const answer = errorAnswer(request, error);
    if (!answer) throw error;
    await deliver(response, answer);
  }
}

async function answerRoute(
  world: GeolensWorld,
  credentials: Credentials,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '', rawQuery = ''] = (request.url ?? '').split('?', 2);
  const { endpoint, act, jobId } = found(request.method ?? '', path);
  world.calls.set(endpoint, (world.calls.get(endpoint) ?? 0) + 1);
  const fault = world.faults.take(endpoint);
  if (fault && 'status' in fault) {
    await deliver(response, faultAnswer(fault));
    return;
  }
  const caller = callerOf(credentials, request);
  requireUuid(jobId);
  const query = new URLSearchParams(rawQuery);
  const exchange = { request, response, caller, jobId: jobId ?? '', query, fault };
  const answer = await act(world, exchange);
  await deliver(response, answer, exchangeFault(fault));
}

/** @throws ProblemError 404 for an unknown path, 405 for another method */
function found(method: string, path: string): Route & { readonly jobId: string | undefined } {
  const there = ROUTES.flatMap((candidate) => {
    const match = patternOf(candidate.path).exec(path);
    return match ? [{ ...candidate, jobId: match[1] }] : [];
  });
  const chosen = there.find((candidate) => candidate.method === method);
  if (chosen) return chosen;
  throw there.length > 0 ? new ProblemError(405, 'Method Not Allowed') : notFound('Path');
}

function patternOf(path: string): RegExp {
  return new RegExp(`^/api${path.replace('{job_id}', '([^/]+)')}$`);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function requireUuid(jobId: string | undefined): void {
  if (jobId === undefined || UUID.test(jobId)) return;
  const msg = 'Input should be a valid UUID';
  throw new BodyInvalidError([{ loc: ['path', 'job_id'], msg, type: 'uuid_parsing' }]);
}

import type { z } from 'zod';
import { plainNames } from '../../geopera/plain_text.ts';
import type { TransferEngine } from '../../transfer/engine.ts';
import { readJsonAnswer } from './json_answer.ts';
import { sendBytes } from './send_bytes.ts';
import { ServiceError } from './service_error.ts';
import type { ServiceAccess, ServiceAnswer, ServiceRequest } from './service_request.ts';
import { waitBeforeNextTry } from './service_retries.ts';

export interface ServiceClient {
  /** Throws `ServiceError`, `TransferError` for the file that is sent, or the signal's reason. */
  request(request: ServiceRequest): Promise<ServiceAnswer>;
  /** The same, for an answer of a known form. */
  ask<Answer extends z.ZodTypeAny>(
    request: ServiceRequest,
    answer: Answer,
  ): Promise<z.output<Answer>>;
}

/** Cheap: there may be one for each act. */
export function createServiceClient(access: ServiceAccess, engine: TransferEngine): ServiceClient {
  const { clock, random } = engine;

  /** One request, again once if the credentials had run out: what was refused so was not carried out. */
  async function send(request: ServiceRequest): Promise<ServiceAnswer> {
    const { credentials } = access;
    const headers = (await credentials?.headers(request.signal)) ?? {};
    try {
      return await sendOnce(request, headers);
    } catch (failure) {
      const isRefused = failure instanceof ServiceError && failure.kind === 'unauthenticated';
      if (!isRefused || credentials === undefined || !credentials.refused(headers)) throw failure;
      return sendOnce(request, await credentials.headers(request.signal));
    }
  }

  function sendOnce(
    request: ServiceRequest,
    identity: Readonly<Record<string, string>>,
  ): Promise<ServiceAnswer> {
    const headers = { accept: 'application/json', ...request.headers, ...identity };
    const { bytes } = request;
    if (bytes !== undefined) return sendBytes({ ...request, headers, bytes }, access, engine);
    return readJsonAnswer({ ...request, headers }, access, clock);
  }

  async function request(wanted: ServiceRequest): Promise<ServiceAnswer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await send(wanted);
      } catch (failure) {
        wanted.signal.throwIfAborted();
        const ms = waitBeforeNextTry(failure, wanted, tries, random);
        if (ms === undefined) throw failure;
        await clock.wait(ms, wanted.signal);
      }
    }
  }

  return {
    request,
    async ask(wanted, answer) {
      const { json } = await request(wanted);
      const parsed = answer.safeParse(json);
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'body');
      throw new ServiceError({
        service: access.service,
        call: wanted.call,
        kind: 'unexpected_answer',
        detail: `the answer lacks or misstates: ${plainNames(where)}`,
        fateUnknown: true,
      });
    },
  };
}

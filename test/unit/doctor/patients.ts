import { z } from 'zod';
import { checkUp } from '../../../src/doctor/checkup.ts';
import type { Finding } from '../../../src/doctor/finding.ts';
import type { Patient } from '../../../src/doctor/patient.ts';
import { GeoperaError, type GeoperaErrorKind } from '../../../src/geopera/geopera_error.ts';
import { catalogue } from '../../../src/operations/catalogue.ts';
import { openapiDocument } from '../../../src/sandbox/openapi_document.ts';

const ORGANIZATION = 'org_1';

/** Enough to stand for all: those that jobs stand on, and some more. */
export const someOperations = catalogue.filter(({ id }) => /^(?:uploads|items|clip)\./.test(id));

/** What the API would publish of them. */
export const published = z
  .object({ paths: z.record(z.object({ post: z.record(z.unknown()) })) })
  .transform(({ paths }) => {
    const ids = new Set(someOperations.map(({ id }) => `/v1/op/${id}`));
    return { paths: Object.fromEntries(Object.entries(paths).filter(([path]) => ids.has(path))) };
  })
  .parse(openapiDocument());

/** What nothing is wrong with, but for what is said. */
export function patient(but: Partial<Patient> = {}): Patient {
  return {
    apiUrl: 'https://api.test',
    token: 'gpra_s3cr3t',
    scopes: [],
    allowDirs: [],
    stateDir: '/',
    workingDirectory: '/data',
    environment: {},
    catalogue: someOperations,
    now: () => 0,
    openapi: async () => ({
      status: 200,
      clockAheadMs: 0,
      document: { json: published },
    }),
    userinfo: async () => ({ geopera_org_id: ORGANIZATION, scope: '*' }),
    transfers: async () => [],
    halfConfigured: [],
    services: [],
    ...but,
  };
}

/** An answer to the request for the API's OpenAPI document. */
export const answering = (json: unknown, clockAheadMs: number | undefined = 0) => ({
  openapi: async () => ({ status: 200, clockAheadMs, document: { json } }),
});

/** What a call to the API may throw. */
export function failure(kind: GeoperaErrorKind, status?: number, cause?: unknown): GeoperaError {
  const facts = { kind, operationId: 'x', detail: 'because', cause };
  return new GeoperaError(status === undefined ? facts : { ...facts, status });
}

/** A call that fails so. */
export const failing =
  (...how: Parameters<typeof failure>) =>
  () =>
    Promise.reject(failure(...how));

/** What a check-up finds by one of its checks. */
export async function foundBy(check: string, but: Partial<Patient> = {}): Promise<Finding[]> {
  const findings = await checkUp(patient(but), new AbortController().signal);
  return findings.filter((finding) => finding.check === check);
}

/** How each finding of a check ends, in order. */
export async function statesOf(check: string, but: Partial<Patient> = {}): Promise<string[]> {
  return (await foundBy(check, but)).map(({ state }) => state);
}

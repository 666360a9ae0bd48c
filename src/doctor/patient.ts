import type { OpenapiAnswer } from '../geopera/openapi_document.ts';
import type { Operation } from '../operations/operation.ts';

/** A transfer that the state folder knows of. */
export interface NotedTransfer {
  readonly kind: 'upload' | 'download';
  /** As `geopera-mcp transfers` names it. */
  readonly state: string;
}

/** Another service that is configured, and how to look at it. */
export interface ServiceProbe {
  readonly name: string;
  /** What is wrong and what to do, in words; nothing if all is well. Rejects with the signal's reason alone. */
  probe(
    signal: AbortSignal,
  ): Promise<{ readonly trouble?: string | undefined; readonly advice?: string | undefined }>;
}

/** What is examined, and how to look at what is outside of this process. */
export interface Patient {
  readonly apiUrl: string;
  readonly token: string | undefined;
  /** Scopes that the user says the token has; empty if nothing was said. */
  readonly scopes: readonly string[];
  readonly allowDirs: readonly string[];
  readonly stateDir: string | undefined;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly catalogue: readonly Operation[];
  /** What is configured of other services by halves, in words. */
  readonly halfConfigured: readonly string[];
  readonly services: readonly ServiceProbe[];
  /** Epoch milliseconds. */
  now(): number;
  /** What answers at the address. Throws `GeoperaError` if nothing does. */
  openapi(signal: AbortSignal): Promise<OpenapiAnswer>;
  /** Who the token belongs to. Throws `GeoperaError`. */
  userinfo(signal: AbortSignal): Promise<unknown>;
  /** What the state folder notes. */
  transfers(signal: AbortSignal): Promise<readonly NotedTransfer[]>;
}

/** The same patient, asked each question once: several checks look at one answer. */
export function askedOnce(patient: Patient): Patient {
  return {
    ...patient,
    openapi: once((signal) => patient.openapi(signal)),
    userinfo: once((signal) => patient.userinfo(signal)),
  };
}

function once<T>(ask: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let answer: Promise<T> | undefined;
  return (signal) => {
    answer ??= ask(signal);
    return answer;
  };
}

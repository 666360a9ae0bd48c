import type { Dispatcher } from 'undici';
import type { UploadSource } from '../../transfer/sources/upload_source.ts';
import type { ServiceName } from './service_error.ts';

/** Who we are to a service. */
export interface Credentials {
  /** The headers that say so. Throws `ServiceError`. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** The service refused these headers. True if the next ones may be others, so that one more try makes sense. */
  refused(headers: Readonly<Record<string, string>>): boolean;
}

/** A service, and how this server gets at it; one for a process. */
export interface ServiceAccess {
  readonly service: ServiceName;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** None for what needs none. */
  readonly credentials: Credentials | undefined;
  readonly dispatcher: () => Promise<Dispatcher>;
}

/** Bytes that are the body of a request. */
export interface BytesToSend {
  readonly source: UploadSource;
  /** So many bytes of them were taken by the network; starts over with each try. Must not throw. */
  onSent?(bytes: number): void;
}

/** One request to a service. */
export interface ServiceRequest {
  /** As its tool is called, with a dot: for words. */
  readonly call: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; its parts are encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** At most one of the three is the body. */
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly bytes?: BytesToSend;
  /** Whether to do it twice does no harm. */
  readonly repeatable: boolean;
  /** How many tries there are at most; 4 if absent. */
  readonly tries?: number;
  /** How long the answer may take, once all is sent. */
  readonly answerSeconds: number;
  readonly signal: AbortSignal;
}

/** What a service answered with success. */
export interface ServiceAnswer {
  readonly status: number;
  /** `undefined` for an empty body. */
  readonly json: unknown;
}

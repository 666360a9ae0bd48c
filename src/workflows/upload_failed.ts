import type { GeoperaError } from '../geopera/geopera_error.ts';

/** The step of an upload session in which it died, as `uploads.fail` calls it. */
export type UploadStep = 'sign' | 'transfer' | 'complete';

/** What became of the reserved quota. */
export type Reservation =
  | { readonly state: 'released' }
  /** The API says that the session has ended before, by completion or otherwise. */
  | { readonly state: 'over' }
  | { readonly state: 'held'; readonly reason: string };

/** Where in a session something went wrong, and what. */
export interface FailurePoint {
  readonly step: UploadStep;
  readonly cause: unknown;
  readonly fileName?: string | undefined;
}

/** An upload session that had begun and did not end well. `cause` is the first error. */
export class UploadFailed extends Error {
  readonly uploadId: string;
  readonly step: UploadStep;
  readonly reservation: Reservation;
  /** The file at which it failed, where it was one. */
  readonly fileName: string | undefined;

  constructor(uploadId: string, { step, cause, fileName }: FailurePoint, reservation: Reservation) {
    super(`upload session ${uploadId} failed at ${step}`, { cause });
    this.name = 'UploadFailed';
    this.uploadId = uploadId;
    this.step = step;
    this.reservation = reservation;
    this.fileName = fileName;
  }
}

/** `uploads.initiate` refused the reservation: the organization has not this much storage left. */
export class QuotaExceeded extends Error {
  /** What the files need, in bytes. */
  readonly bytesAsked: number;
  override readonly cause: GeoperaError;

  constructor(bytesAsked: number, cause: GeoperaError) {
    super(cause.detail);
    this.name = 'QuotaExceeded';
    this.bytesAsked = bytesAsked;
    this.cause = cause;
  }
}

import type { GeoperaError } from '../geopera/geopera_error.ts';

/** The step of an upload session in which it died, as `uploads.fail` calls it. */
export type UploadStep = 'sign' | 'transfer' | 'complete';

/** What became of the reserved quota. */
export type Reservation =
  | { readonly released: true }
  | { readonly released: false; readonly reason: string };

/** An upload session that had begun and did not end well. `cause` is the first error. */
export class UploadFailed extends Error {
  readonly uploadId: string;
  readonly step: UploadStep;
  readonly reservation: Reservation;

  constructor(uploadId: string, step: UploadStep, cause: unknown, reservation: Reservation) {
    super(`upload session ${uploadId} failed at ${step}`, { cause });
    this.name = 'UploadFailed';
    this.uploadId = uploadId;
    this.step = step;
    this.reservation = reservation;
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

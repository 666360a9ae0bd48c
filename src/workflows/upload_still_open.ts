import type { LinkInUse } from './link_in_use.ts';
import type { LinkedFile } from './linked_session.ts';
import type { FailurePoint, UploadStep } from './upload_failed.ts';

/** What was asked of an open upload session failed, and the session goes on. `cause` says why. */
export class UploadStillOpen extends Error {
  readonly uploadId: string;
  readonly step: UploadStep;
  /** Those that it waits for; undefined where this process did not open it. */
  readonly files: readonly LinkedFile[] | undefined;
  /** When it is failed unless somebody comes before, in epoch milliseconds. */
  readonly heldUntil: number | undefined;

  constructor(uploadId: string, { step, cause }: FailurePoint, link: LinkInUse | undefined) {
    super(`upload session ${uploadId} goes on after a failure at ${step}`, { cause });
    this.name = 'UploadStillOpen';
    this.uploadId = uploadId;
    this.step = step;
    this.files = link?.session?.files;
    this.heldUntil = link?.heldUntil;
  }
}

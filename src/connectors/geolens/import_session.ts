import type { TransferEngine } from '../../transfer/engine.ts';
import type { UploadSource } from '../../transfer/sources/upload_source.ts';
import type { ServiceClient } from '../http/service_client.ts';
import type { StagedEntry } from '../staging_journal.ts';
import type { FilePreview, PresignedUpload } from './geolens_answers.ts';

/** What all steps of one upload work with. */
export interface ImportWorld {
  readonly fileName: string;
  readonly contentType: string;
  readonly source: UploadSource;
  readonly client: ServiceClient;
  readonly engine: TransferEngine;
}

/** How far the service has come with a file; what is left of it depends on that. */
export type ImportStage = 'sending' | 'completing' | 'uploaded' | 'committing';

/** One upload while it goes on. */
export interface ImportSession {
  /** Epoch milliseconds. */
  readonly openedAt: number;
  /** Absent where the file goes to the service itself, by a form. */
  readonly presigned: PresignedUpload | undefined;
  /** Only of an upload in parts: nothing can be done about any other. */
  readonly entry: StagedEntry | undefined;
  /** A form is given its job when all of it has arrived. */
  jobId: string | undefined;
  stage: ImportStage;
  /** The most of the file that any try handed to the network. */
  mostSent: number;
  preview: FilePreview | undefined;
}

/** How the bytes went. */
export type ImportWay = 'form' | 'single_put' | 'parts';

export function wayOf({ presigned }: Pick<ImportSession, 'presigned'>): ImportWay {
  if (presigned === undefined) return 'form';
  return isInParts(presigned) ? 'parts' : 'single_put';
}

/** It is the service that decides on this, by the size of the file. */
export function isInParts({ upload_id, part_size }: PresignedUpload): boolean {
  return (upload_id ?? part_size ?? undefined) !== undefined;
}

/** A file that arrived. */
export interface SentFile {
  readonly way: ImportWay;
  readonly jobId: string;
  /** In order, as a completion names them; none of a file that went as a whole. */
  readonly parts: readonly { readonly etag: string; readonly part_number: number }[];
  /** Base64; of what was sent to storage. */
  readonly crc32c?: string;
  /** What was compared with what storage states: `crc32c`, `md5`, `size` or `none`. */
  readonly verified: string;
}

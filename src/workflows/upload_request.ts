import type { UploadSource } from '../transfer/sources/upload_source.ts';

/** A file as a session knows it. */
export interface NamedFile {
  readonly fileName: string;
  readonly contentType: string;
}

/** A file that is sent from here. */
export interface FileToUpload extends NamedFile {
  /** Called once, before anything is reserved; the session closes what it opened. */
  open(signal: AbortSignal): Promise<UploadSource>;
}

/** Where the files of a session go. */
export interface UploadPlace {
  readonly projectId: string;
  readonly targetCollectionId?: string | undefined;
  readonly targetItemId?: string | undefined;
  readonly assetKey?: string | undefined;
  readonly isCategorical?: boolean | undefined;
}

export interface UploadSessionRequest extends UploadPlace {
  /** At least one; their names differ. */
  readonly files: readonly FileToUpload[];
  /** Also compute the SHA-256 of each file while it is sent. */
  readonly sha256?: boolean | undefined;
}

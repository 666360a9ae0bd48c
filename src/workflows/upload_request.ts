export interface FileToUpload {
  /** Real path on this machine. */
  readonly path: string;
  /** Name of the file in the session. */
  readonly fileName: string;
  readonly contentType: string;
}

export interface UploadSessionRequest {
  readonly projectId: string;
  /** At least one; their names differ. */
  readonly files: readonly FileToUpload[];
  readonly targetCollectionId?: string | undefined;
  readonly targetItemId?: string | undefined;
  readonly assetKey?: string | undefined;
  readonly isCategorical?: boolean | undefined;
  /** Also compute the SHA-256 of each file while it is sent. */
  readonly sha256?: boolean | undefined;
}

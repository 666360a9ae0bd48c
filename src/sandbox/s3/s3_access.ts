/** Where a bucket is, and who may sign for it. */
export interface S3Access {
  /** Scheme, host and port, without a trailing slash; the bucket is the first part of the path. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Such as `us-east-1`; the scope of a V4 signature. */
  readonly region: string;
}

/** One request that a signature allows. */
export interface S3Grant {
  readonly method: 'PUT' | 'POST' | 'GET' | 'HEAD' | 'DELETE';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Headers that must arrive as they are here; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What of a request a signature covers, as it arrived. */
export interface S3Request {
  readonly method: string;
  /** Still percent-encoded. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** How long a signature holds. */
export interface Validity {
  readonly from: Date;
  readonly seconds: number;
}
